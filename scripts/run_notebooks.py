"""Execute notebooks headless, strictly, and export each as a page that needs nothing else.

Jupyter's own runner calls a notebook fine although a cell was skipped, an error came late, or the kernel
complained on stderr. Here each of these is a failure. Called by scripts/run.mjs and scripts/suite.mjs.
"""

import argparse
import asyncio
import contextlib
import html
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer

try:
    from latex2mathml.converter import convert as to_mathml
except ImportError:  # a Jupyter that is not ours: formulas stay as they are written
    to_mathml = None

ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Waits, after the last cell, for timers that cells left behind: their errors count too.
SETTLE = "await (globalThis as any).__tslab__.settle(3000);"


def plain(text):
    return ANSI.sub("", text)


# Comments and imports, which many cells begin with and which do not tell them apart.
PREAMBLE = re.compile(r'\s*(?:/\*.*?\*/|//[^\n]*(?:\n|$)|import\b[^;"]*"[^"]*";?)', re.DOTALL)


def first_line(source):
    """The first line of a cell that says something."""
    rest = source.strip()
    while (match := PREAMBLE.match(rest)) and rest[match.end() :].strip():
        rest = rest[match.end() :].strip()
    line = rest.splitlines()[0] if rest else ""
    return line if len(line) <= 60 else line[:59] + "…"


@dataclass
class Run:
    """One notebook's execution: what went wrong, in words for its author."""

    path: Path
    name: str
    failures: list = field(default_factory=list)
    seconds: float = 0.0
    cells: int = 0
    times: list = field(default_factory=list)


class Progress:
    """One line per cell: rewritten while it runs on a terminal, printed once at its end elsewhere."""

    def __init__(self, label, total):
        self.label, self.total, self.done, self.task = label, total, 0, None
        self.times = []
        self.live = sys.stdout.isatty() and not label

    def line(self, mark, source, since):
        count = f"{self.done:>{len(str(self.total))}}/{self.total}"
        return f"  {mark} {self.label}{count}  {first_line(source):<60}  {time.monotonic() - since:6.1f} s"

    def start(self, source):
        self.done += 1
        self.since = time.monotonic()
        if self.live:
            self.task = asyncio.ensure_future(self.tick(source))

    async def tick(self, source):
        while True:
            print("\r\x1b[K" + self.line("…", source, self.since), end="", flush=True)
            await asyncio.sleep(0.5)

    def finish(self, source, ok):
        if self.task:
            self.task.cancel()
            self.task = None
        self.times.append({"cell": first_line(source), "seconds": round(time.monotonic() - self.since, 1)})
        print(("\r\x1b[K" if self.live else "") + self.line("✓" if ok else "✗", source, self.since), flush=True)


class StrictClient(NotebookClient):
    """Remembers every reply's status: Jupyter's client ignores all but `error`."""

    def __init__(self, nb, progress, **options):
        super().__init__(nb, coalesce_streams=True, record_timing=False, **options)
        self.statuses = {}
        self.progress = progress
        self.on_cell_execute = lambda cell, cell_index: progress.start(cell.source)
        self.on_cell_executed = self.executed

    def executed(self, cell, cell_index, execute_reply):
        status = execute_reply["content"]["status"]
        self.statuses[cell_index] = status
        self.progress.finish(cell.source, status == "ok" or may_fail(cell))

    async def settle(self):
        """Run one hidden cell; its outputs belong to no cell, its errors reach the kernel's stderr."""
        await asyncio.wait_for(self.kc.execute_interactive(SETTLE, silent=True, output_hook=lambda _: None), 30)


def end_on_signals():
    """Jupyter's client would take the kernel away, and every cell that is left would be told as a failure."""
    with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, lambda: os._exit(130))


def may_fail(cell):
    return "raises-exception" in cell.metadata.get("tags", [])


def runnable(cell):
    return cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in cell.metadata.get("tags", [])


def judge(nb, statuses):
    """What the cells' outputs and replies say, cell by cell."""
    number = 0
    for index, cell in enumerate(nb.cells):
        if not runnable(cell):
            continue
        number += 1
        where = f"cell [{number}] ({first_line(cell.source)})"
        status = statuses.get(index)
        if status is None or cell.execution_count is None:
            yield f"{where} did not run"
            continue
        if may_fail(cell):
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        for error in errors:
            traceback = plain("\n".join(error.traceback) or f"{error.ename}: {error.evalue}")
            yield f"{where} failed:\n{traceback}"
        if status != "ok" and not errors:
            yield f"{where} ended with status {status}"
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield f"{where} wrote to stderr:\n{plain(output.text).strip()}"


async def execute(run, arguments, out, label):
    start = time.monotonic()
    nb = nbformat.read(run.path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    run.cells = sum(1 for cell in nb.cells if runnable(cell))
    progress = Progress(label, run.cells)
    run.times = progress.times
    folder = run.path.parent
    if arguments.scratch:  # empty, so that nothing is found that an earlier run has left
        folder = Path(arguments.scratch).resolve() / run.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    client = StrictClient(
        nb,
        progress,
        kernel_name="tslab",
        timeout=arguments.timeout,
        allow_errors=arguments.keep_going,
        interrupt_on_timeout=arguments.keep_going,
        resources={"metadata": {"path": str(folder)}},
    )

    async def cells():
        for index, cell in enumerate(nb.cells):
            await client.async_execute_cell(cell, index)
        await client.settle()

    with tempfile.TemporaryFile() as stderr, tempfile.TemporaryFile() as stdout:
        try:
            async with client.async_setup_kernel(stderr=stderr, stdout=stdout):
                end_on_signals()
                info = await client.kc.kernel_info(reply=True, timeout=60)
                nb.metadata["language_info"] = info["content"]["language_info"]
                await asyncio.wait_for(cells(), arguments.limit)
        except CellExecutionError:
            pass  # told by the cell's own error, below
        except (CellTimeoutError, DeadKernelError, asyncio.TimeoutError, RuntimeError, AssertionError) as error:
            reason = (plain(str(error)) or "without a reason").splitlines()[0]
            late = arguments.limit and time.monotonic() - start > arguments.limit
            run.failures.append(
                f"it was stopped after {arguments.limit} s" if late else f"{type(error).__name__}: {reason}"
            )
            if progress.task:
                progress.task.cancel()
                print()
        stderr.seek(0)
        complaints = plain(stderr.read().decode(errors="replace")).strip()
    failures = list(judge(nb, client.statuses))
    # After a failure the rest did not run, which is no news.
    broken = next((i for i, failure in enumerate(failures) if not failure.endswith("did not run")), None)
    if broken is not None:
        rest = [failure for failure in failures if failure.endswith("did not run")]
        failures = [failure for failure in failures if failure not in rest]
        if rest:
            failures.append(f"so {len(rest)} more cell{'s' * (len(rest) > 1)} did not run")
    run.failures += failures
    if complaints:
        run.failures.append(f"the kernel wrote to stderr:\n{complaints}")
    run.seconds = time.monotonic() - start
    try:
        write_whole(out / f"{run.name}.ipynb", nbformat.writes(nb) + "\n")
        if not arguments.no_pages:
            write_whole(out / f"{run.name}.html", to_page(nb, run.name, arguments.plotly))
    except OSError as error:  # the disk is full, or not to be written
        run.failures.append(f"its results could not be saved: {error.strerror}")


def write_whole(path, text):
    """Write a file whole or not at all."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


# Nothing from the network: no require.js, no mermaid; plotly.js stands in the page, once.
PAGE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}{{ resources.head }}<style>math[display="block"] { max-width: 100%; overflow-x: auto }</style>{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}"""


def with_formulas(original, display):
    """A method of nbconvert's renderer that writes a formula as MathML, which browsers draw by themselves."""

    def render(self, body):
        try:
            return to_mathml(body, display=display)
        except Exception:  # TeX that the converter does not know
            return original(self, body)

    return render


if to_mathml:
    IPythonRenderer.inline_math = with_formulas(IPythonRenderer.inline_math, "inline")
    IPythonRenderer.block_math = with_formulas(IPythonRenderer.block_math, "block")


def only_with_images(embed):
    """nbconvert parses each piece of HTML to embed its images, and closes every tag that a later piece would close."""
    return lambda self, html: embed(self, html) if "<img" in html else html


IPythonRenderer._html_embed_images = only_with_images(IPythonRenderer._html_embed_images)


def to_page(nb, name, plotly):
    exporter = HTMLExporter(raw_template=PAGE, embed_images=True, exclude_anchor_links=True)
    head = ""
    figures = any("Plotly" in "".join(o.get("data", {}).get("text/html", "")) for c in nb.cells for o in c.get("outputs", []))
    if figures and plotly and Path(plotly).exists():
        script = Path(plotly).read_text(encoding="utf-8").replace("</script", "<\\/script")
        head = f"<script>{script}</script>"
    page, _ = exporter.from_notebook_node(nb, {"head": head, "metadata": {"name": name}})
    return page


def summary(run, out, pages):
    shown = os.path.relpath(out / f"{run.name}.{'html' if pages else 'ipynb'}")
    cells = f"{run.cells} cell{'s' * (run.cells != 1)}"
    if not run.failures:
        return f"{run.name}: all {cells} ran, {run.seconds:.1f} s → {shown}"
    reasons = "\n".join("  ✗ " + failure.replace("\n", "\n    ") for failure in run.failures)
    return f"{run.name}: FAILED, {run.seconds:.1f} s → {shown}\n{reasons}"


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", help="NAME=PATH, or PATH")
    parser.add_argument("--out", default="out", help="where the executed notebooks and pages go")
    parser.add_argument("--jobs", "-j", type=int, default=1, help="how many notebooks at once")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that one cell may take")
    parser.add_argument("--limit", type=int, help="seconds that a whole notebook may take")
    parser.add_argument("--keep-going", action="store_true", help="run the cells after one that failed, or was stopped, too")
    parser.add_argument("--plotly", help="plotly.js, put into each page that draws with it")
    parser.add_argument("--scratch", help="run each in FOLDER/NAME, emptied first, rather than where the notebook lies")
    parser.add_argument("--no-pages", action="store_true", help="write the executed notebooks alone")
    parser.add_argument("--json", help="write the results to this file")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    runs = []
    for given in arguments.notebooks:
        name, _, path = given.rpartition("=")
        runs.append(Run(Path(path).resolve(), name or Path(path).stem))
    gate = asyncio.Semaphore(arguments.jobs)
    several = len(runs) > 1 and arguments.jobs > 1
    width = max(len(run.name) for run in runs)

    async def guarded(run):
        async with gate:
            if not several:
                print(f"{run.name}", flush=True)
            try:
                await execute(run, arguments, out, f"{run.name:<{width}}  " if several else "")
            except Exception as error:  # one broken notebook must not hide the others
                run.failures.append(f"{type(error).__name__}: {error}")
            print(summary(run, out, not arguments.no_pages), flush=True)

    await asyncio.gather(*(guarded(run) for run in runs))
    if arguments.json:
        results = [
            {"name": r.name, "ok": not r.failures, "failures": r.failures, "seconds": r.seconds, "cells": r.times}
            for r in runs
        ]
        write_whole(Path(arguments.json), json.dumps(results))
    return 1 if any(run.failures for run in runs) else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nstopped", flush=True)
        os._exit(130)  # at once: a kernel whose parent is gone ends by itself
