import { checkFunction, isList } from "../tensor";
import type { Module } from "./module";

/** What register…Hook() returns. */
export interface HookHandle {
  /** Take the hook away; a second time does nothing. */
  remove(): void;
}

/** Sees the inputs and the output of a module; see {@link Module.registerForwardHook}. */
export type ForwardHook<M extends Module> = (
  module: M,
  inputs: Parameters<M["forward"]>,
  output: ReturnType<M["forward"]>,
) => unknown;

/** Sees the inputs of a module; see {@link Module.registerForwardPreHook}. */
export type ForwardPreHook<M extends Module> = (module: M, inputs: Parameters<M["forward"]>) => unknown;

type Hook = (module: never, ...seen: never[]) => unknown;

interface Hooks {
  readonly before: Map<object, Hook>;
  readonly after: Map<object, Hook>;
  /** What the module's own property `forward` was, if it had one. */
  readonly own: PropertyDescriptor | undefined;
}

const hooked = new WeakMap<Module, Hooks>();

/**
 * Call `hook` around each `forward` of `module`. As long as there are hooks, the module has a `forward` of its own that
 * hides its class's: so that a module without hooks costs nothing.
 */
export function addHook(op: string, module: Module, when: "before" | "after", hook: Hook): HookHandle {
  checkFunction(op, hook);
  const hooks = hooked.get(module) ?? install(module);
  const key = {};
  hooks[when].set(key, hook);
  return {
    remove() {
      hooks[when].delete(key);
      if (hooks.before.size + hooks.after.size === 0 && hooked.get(module) === hooks)
        uninstall(module, hooks);
    },
  };
}

function install(module: Module): Hooks {
  const own = Object.getOwnPropertyDescriptor(module, "forward");
  const forward = module.forward as (...inputs: unknown[]) => unknown;
  const hooks: Hooks = { before: new Map(), after: new Map(), own };
  hooked.set(module, hooks);
  const value = (...given: unknown[]): unknown => {
    let inputs = given;
    for (const hook of [...hooks.before.values()]) {
      const changed = hook(module as never, ...([inputs] as never[]));
      if (changed !== undefined) inputs = isList(changed) ? changed : [changed];
    }
    let output = forward.apply(module, inputs);
    for (const hook of [...hooks.after.values()]) {
      const changed = hook(module as never, ...([inputs, output] as never[]));
      if (changed !== undefined) output = changed;
    }
    return output;
  };
  Object.defineProperty(module, "forward", { value, configurable: true, writable: true, enumerable: false });
  return hooks;
}

function uninstall(module: Module, { own }: Hooks): void {
  hooked.delete(module);
  if (own) Object.defineProperty(module, "forward", own);
  else delete (module as { forward?: unknown }).forward;
}
