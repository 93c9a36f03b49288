/**
 * What the host must know of assembly/, taken from the compiler: each kernel's task, how to write it down in memory, and
 * the numbers of the enums in tasks.
 *
 * A kernel is an exported function whose first parameter is a class derived from `Task`.
 *
 * @typedef {{ name: string, type: string, offset: number, enum: string | null }} Field
 * @typedef {{ name: string, fields: Field[] }} TaskClass
 * @typedef {{ kernels: Map<string, TaskClass>, enums: Map<string, [member: string, value: number][]> }} Tasks
 */

/** How a type of AssemblyScript's is written: the view, the size of its elements, and the type of the host's value. */
const TYPES = {
  i32: { view: "i32", size: 4, host: "number" },
  u32: { view: "i32", size: 4, host: "number" },
  isize: { view: "i32", size: 4, host: "number" },
  usize: { view: "i32", size: 4, host: "number" },
  f32: { view: "f32", size: 4, host: "number" },
  f64: { view: "f64", size: 8, host: "number" },
  bool: { view: "u8", size: 1, host: "boolean" },
};

/** Written by whoever runs the kernel, by its name. */
const KERNEL = "kernel";

/**
 * Reads the tasks of a compiled program; `program` is the compiler's own, which has no types for this.
 * @param {any} program
 * @returns {Tasks}
 */
export function readTasks(program) {
  /** @type {Tasks} */
  const tasks = { kernels: new Map(), enums: new Map() };
  for (const [name, { instances }] of program.filesByName.get("index").exports) {
    const [kernel] = instances?.values() ?? [];
    const task = kernel?.signature.parameterTypes[0]?.classReference;
    if (task?.base && baseOf(task).name === "Task") tasks.kernels.set(name, readClass(task));
  }
  const named = new Set(
    [...tasks.kernels.values()].flatMap(({ fields }) => fields.map((field) => field.enum)),
  );
  for (const { name, members, declaration } of program.elementsByDeclaration.values()) {
    if (!named.has(name) || !isEnum(declaration)) continue;
    const values = [...members.values()].map((member) => [member.name, member.constantIntegerValue.low]);
    tasks.enums.set(name, /** @type {[string, number][]} */ (values));
  }
  return tasks;
}

/** @returns {any} */
const baseOf = (/** @type {any} */ task) => (task.base ? baseOf(task.base) : task);

const isEnum = (/** @type {any} */ declaration) => Array.isArray(declaration.values);

/** @returns {TaskClass} */
function readClass(/** @type {any} */ task) {
  const fields = [...task.members.values()].map(({ name, instance, fieldDeclaration }) => {
    const declared = fieldDeclaration.type.name.identifier.text;
    const type = String(instance.type);
    return { name, type, offset: instance.memoryOffset, enum: declared in TYPES ? null : declared };
  });
  return { name: task.name, fields };
}

/**
 * The TypeScript that the host imports.
 * @param {Tasks} tasks
 */
export function tasksAsTypeScript({ kernels, enums }) {
  const classes = new Map([...kernels.values()].map((task) => [task.name, task]));
  return [
    'import type * as kernels from "../../kernels";',
    ...[...enums].map(([name, members]) => enumText(name, members)),
    "/** The memory of a task, as numbers of every type. */",
    "export interface TaskMemory {",
    "  readonly i32: Int32Array;\n  readonly f32: Float32Array;\n  readonly f64: Float64Array;\n  readonly u8: Uint8Array;",
    "}\n",
    ...[...classes.values()].map(classText),
    "/** What each kernel is told. */",
    `export interface Tasks {\n${[...kernels].map(([name, task]) => `  ${name}: ${task.name};`).join("\n")}\n}\n`,
    "/** Writes a task down for the kernel of that name, whose place in the table is `kernel`; answers whether it is in pieces. */",
    "export const writers: { readonly [Name in keyof Tasks]: (kernel: number, task: Tasks[Name], to: TaskMemory) => boolean } = {",
    ...[...kernels].map(([name, task]) => `  ${name}: write${task.name},`),
    "};\n",
  ].join("\n");
}

/**
 * Enums `…Op` hold operations of the interface, or some of them.
 * @param {string} name
 * @param {[string, number][]} members
 */
function enumText(name, members) {
  const list = members.map(([member, value]) => `${member}: ${value}`).join(", ");
  const check = name.endsWith("Op") ? ` satisfies { readonly [op in kernels.${name}]?: number }` : "";
  return `export const ${name} = { ${list} } as const${check};\n`;
}

/** @param {TaskClass} task */
function classText({ name, fields }) {
  const lines = fields.map((field) => {
    const type = TYPES[/** @type {keyof typeof TYPES} */ (field.type)];
    if (!type)
      throw new Error(`build-wasm: ${name}.${field.name} has the type ${field.type}, which no writer knows`);
    const value = field.name === KERNEL ? KERNEL : `task.${field.name}`;
    const number = type.host === "boolean" ? `${value} ? 1 : 0` : value;
    return {
      declaration: field.name === KERNEL ? null : `  ${field.name}: ${type.host};`,
      statement: `  to.${type.view}[${field.offset / type.size}] = ${number};`,
    };
  });
  const declarations = lines.flatMap(({ declaration }) => declaration ?? []);
  return [
    `export interface ${name} {\n${declarations.join("\n")}\n}\n`,
    `function write${name}(kernel: number, task: ${name}, to: TaskMemory): boolean {`,
    ...lines.map(({ statement }) => statement),
    "  return task.chunk < task.total;",
    "}\n",
  ].join("\n");
}
