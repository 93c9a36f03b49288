export { exercises } from "./exercises";
export { courseMap, progress } from "./progress";
export { type CourseFunctions, use } from "./use";
