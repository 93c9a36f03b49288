export type { ColorScale } from "./colors";
export {
  captureOutput,
  type Displayable,
  DisplayHandle,
  display,
  displaySymbol,
  type MimeBundle,
} from "./display";
export { Drawing } from "./drawing";
export { type AttentionMapOptions, attentionMap } from "./figures/attention-map";
export { type AudioOptions, audio } from "./figures/audio";
export { type FieldOptions, field, type Places } from "./figures/field";
export { Figure } from "./figures/figure";
export { type HeatmapOptions, heatmap } from "./figures/heatmap";
export { type HeatmapsOptions, heatmaps } from "./figures/heatmaps";
export { type ImageGridOptions, imageGrid } from "./figures/image-grid";
export {
  type BarOptions,
  bar,
  type ChartOptions,
  line,
  type NamedSeries,
  type ScatterOptions,
  type SeriesInput,
  scatter,
} from "./figures/line";
export type { PlotlyObject, PlotlySpec } from "./figures/plotly";
export { type PredictionsOptions, predictions } from "./figures/predictions";
export { GraphDrawing, type GraphOptions, graph } from "./graph/graph";
export {
  inLanguage,
  LANGUAGES,
  type Language,
  type Localized,
  language,
  say,
  setLanguage,
} from "./language";
export { inFull, isShortRun } from "./length";
export { escapeMarkup } from "./markup";
export { prose } from "./prose";
export { type ResultOptions, result } from "./result";
export { arrayView, type ShowOptions, show } from "./show";
export { summary } from "./summary";
export type { CheckpointOptions } from "./training/saving";
export { type StepMetrics, TrainingView, type TrainingViewOptions, trainingView } from "./training/view";
export type { Values } from "./values";
