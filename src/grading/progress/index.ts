export { findProgressFolder } from "./folder";
export { type Recalled, recall } from "./recall";
export { type Answer, remember } from "./remember";
export { type Standing, standingOf } from "./standing";
export { versionOf } from "./version";
