/** A module with what stands in its brackets, and its children, as PyTorch prints them. */
export function printModule(
  name: string,
  extra: string,
  children: readonly (readonly [name: string, child: object])[],
): string {
  const parts = children.map(([name, child]) => ({ name, text: String(child) }));
  const lines: string[] = [];
  for (let i = 0; i < parts.length; ) {
    let end = i + 1;
    while (end < parts.length && nextInArray(parts[end - 1].name, parts[end].name)) {
      if (parts[end].text !== parts[i].text) break;
      end++;
    }
    const count = end - i;
    const label = count > 1 ? `${parts[i].name}-${lastPart(parts[end - 1].name)}` : parts[i].name;
    lines.push(`(${label}): ${count > 1 ? `${count} x ` : ""}${parts[i].text}`);
    i = end;
  }
  if (lines.length === 0) return `${name}(${extra})`;
  const body = (extra ? [extra, ...lines] : lines).join("\n").replaceAll("\n", "\n  ");
  return `${name}(\n  ${body}\n)`;
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** Whether `b` is the item after `a` in one array: `blocks.3` after `blocks.2`. */
function nextInArray(a: string, b: string): boolean {
  const parent = (name: string) => name.slice(0, name.lastIndexOf(".") + 1);
  return parent(a) === parent(b) && Number(lastPart(b)) === Number(lastPart(a)) + 1;
}
