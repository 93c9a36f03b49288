export { exercises } from "./exercises";
