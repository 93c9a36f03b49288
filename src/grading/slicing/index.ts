/** What an expression in a notebook needs of its cells, as a text that stands alone. */
export { type Module, moduleOf, type Segment } from "./module";
export { exerciseIn, isPlaceholder, lastDeclaring, namesIn, type Provided, type Slice, slice } from "./slice";
export { type Cell, House, type TypeScript, type Unit } from "./units";
