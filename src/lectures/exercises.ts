import { exercises as autograd } from "./autograd/exercises";
import { exercises as bert } from "./bert/exercises";
import { exercises as beyond } from "./beyond/exercises";
import { exercises as clip } from "./clip/exercises";
import { exercises as gpt } from "./gpt/exercises";
import { exercises as start } from "./start/exercises";
import { exercises as tensors } from "./tensors/exercises";
import { exercises as transformer } from "./transformer/exercises";
import { exercises as vit } from "./vit/exercises";

/** The exercises of the whole course: of each lecture by id. An id names one exercise in all of it. */
export const courseExercises = Object.freeze({
  start,
  tensors,
  autograd,
  transformer,
  bert,
  gpt,
  vit,
  clip,
  beyond,
});

/** All of them by id. */
export const allExercises = Object.freeze({
  ...start,
  ...tensors,
  ...autograd,
  ...transformer,
  ...bert,
  ...gpt,
  ...vit,
  ...clip,
  ...beyond,
});
