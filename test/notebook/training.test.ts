import { describe, expect, it } from "vitest";
import { line, setLanguage, TrainingView, trainingView } from "../../src/notebook";
import { inKernel } from "./fake-kernel";
import { parseXml } from "./xml";

/** Time that passes only when told to, and a terminal that remembers. */
function surroundings(isTTY = false) {
  const written: string[] = [];
  const clock = { time: 0 };
  return {
    clock,
    written,
    now: () => clock.time,
    terminal: { isTTY, write: (text: string) => written.push(text) },
  };
}

const htmlOf = (bundle: object) => (bundle as { "text/html": string })["text/html"];

/** The markup outside of scripts and pictures. */
const words = (html: string) =>
  html.replace(/<script>[\s\S]*?<\/script>/g, "").replace(/src="[^"]*"/g, 'src=""');

describe("in a notebook", () => {
  it("updates one output, at most five times a second", () => {
    const around = surroundings();
    const [output, ...others] = inKernel(() => {
      const view = new TrainingView({ totalSteps: 10_000, title: "GPT" }, around);
      for (const step of view.steps()) {
        around.clock.time += 1;
        view.step({ loss: 1 / (step + 1) });
      }
    });
    expect(others).toEqual([]);
    expect(output.length).toBeGreaterThan(45);
    expect(output.length).toBeLessThanOrEqual(10_000 / 200 + 2);
  });

  it("shows progress, speed, time left and the latest values", () => {
    const around = surroundings();
    const [output] = inKernel(() => {
      const view = new TrainingView({ totalSteps: 100, title: "GPT <1>", tokensPerStep: 256 }, around);
      for (const step of view.steps()) {
        around.clock.time += 250;
        view.step({ loss: 4 - step / 100, lr: 0.001, accuracy: step / 100 });
        if (step === 49) break;
      }
    });
    const live = words(htmlOf(output[output.length - 2]));
    expect(live).toContain("GPT &lt;1&gt;  49%");
    expect(live).toContain(
      "step 49 of 100 · loss 3.52 · lr 0.001 · accuracy 0.48 · 4 steps/s · 1,024 tokens/s",
    );
    expect(live).toContain("12s elapsed · 13s left");
    parseXml(htmlOf(output[output.length - 2]));
  });

  it("speaks Russian to who reads Russian", () => {
    setLanguage("ru");
    try {
      const around = surroundings();
      const [output] = inKernel(() => {
        const view = new TrainingView({ totalSteps: 2000, title: "GPT", tokensPerStep: 256 }, around);
        for (const step of view.steps()) {
          around.clock.time += 2500;
          view.step({ loss: step === 51 ? Number.NaN : 1 });
          if (step === 53) break;
        }
      });
      const live = words(htmlOf(output[output.length - 2]));
      expect(live).toContain(
        "шаг 53 из 2\u00a0000 · loss 1 · 2.5 с/шаг · 102 токенов/с · прошло 2 мин 13 с · осталось 1 ч 21 мин",
      );
      expect(live).toContain("loss: на шаге 52 стало nan");
      expect(htmlOf(output[output.length - 1])).toContain("остановлено раньше времени");
    } finally {
      setLanguage(null);
    }
  });

  it("marks what the losses are compared with, in the picture and in the live plot, within its axis", () => {
    const [output] = inKernel(() => {
      const view = trainingView({ totalSteps: 3, marks: { "no <idea>": 7.6, unigram: 6.39 } });
      for (const step of view.steps()) view.step({ loss: 5 - step, accuracy: 0.5 });
    });
    const html = htmlOf(output[output.length - 1]);
    const pictures = [...html.matchAll(/src="data:image\/svg\+xml;base64,([^"]+)"/g)].map(([, data]) =>
      Buffer.from(data, "base64").toString(),
    );
    expect(pictures).toHaveLength(2);
    expect(pictures[0].match(/stroke-dasharray/g)).toHaveLength(2);
    expect(pictures[0]).toContain("no &lt;idea&gt;");
    expect(Number(/<line [^>]*y1="([\d.]+)"[^>]*stroke-dasharray/.exec(pictures[0])?.[1])).toBeGreaterThan(
      10,
    );
    expect(pictures[1]).not.toContain("stroke-dasharray");
    expect(html).toContain('"y0":6.39,"y1":6.39');
    expect(html.match(/"shapes"/g)).toHaveLength(1);
  });

  it("ends with live plots: losses together, other metrics apart, the learning rate in words only", () => {
    const [output] = inKernel(() => {
      const view = trainingView({ totalSteps: 100 });
      for (const step of view.steps()) {
        view.step({ loss: 1, valLoss: step % 10 === 0 ? 2 : undefined, accuracy: 0.5, lr: 1 });
      }
    });
    const html = htmlOf(output[output.length - 1]);
    expect(html.match(/<script>/g)).toHaveLength(2);
    expect(htmlOf(output[0])).not.toContain("<script>");
    expect(html).toContain('"name":"valLoss","x":[1,11,21,31,41,51,61,71,81,91]');
    expect(words(html)).not.toContain("stopped");
    expect(Object.keys(output[output.length - 1])).toEqual(["text/html", "text/plain"]);
  });

  it("closes itself when the loop throws, and says where", () => {
    const outputs = inKernel(() => {
      const view = trainingView({ totalSteps: 10 });
      expect(() => {
        for (const step of view.steps()) {
          if (step === 3) throw new Error("shape");
          view.step({ loss: step });
        }
      }).toThrow("shape");
    });
    const last = words(htmlOf(outputs[0][outputs[0].length - 1]));
    expect(last).toContain("step 3 of 10");
    expect(last).toContain("stopped early");
  });

  it("works without steps(), finishes by itself, and finish() changes nothing more", () => {
    const [output] = inKernel(() => {
      const view = trainingView({ totalSteps: 3 });
      for (let step = 0; step < 3; step++) view.step({ loss: step });
      view.finish();
      view.finish();
    });
    expect(htmlOf(output[output.length - 1])).toContain("step 3 of 3");
    expect(output).toHaveLength(2);
  });

  it("appears in the cell that trains, not in the one that makes it", () => {
    const views: TrainingView[] = [];
    expect(inKernel(() => views.push(trainingView({ totalSteps: 2 })))).toEqual([]);
    expect(inKernel(() => views[0].step({ loss: 1 }))).toHaveLength(1);
  });

  it("says at once that a loss became NaN", () => {
    const [output] = inKernel(() => {
      const view = trainingView({ totalSteps: 5 });
      for (const step of view.steps()) view.step({ loss: step < 2 ? 1 : Number.NaN });
    });
    expect(htmlOf(output[output.length - 1])).toContain("loss became nan at step 3");
  });

  it("keeps the saved output small, however long the run", () => {
    const [output] = inKernel(() => {
      const view = trainingView({ totalSteps: 100_000 });
      for (const step of view.steps()) view.step({ loss: Math.sin(step), valLoss: Math.cos(step) });
    });
    expect(htmlOf(output[output.length - 1]).length).toBeLessThan(250_000);
  });
});

describe("in a terminal", () => {
  it("is one line that is rewritten", () => {
    const around = surroundings(true);
    const view = new TrainingView({ totalSteps: 100, title: "GPT" }, around);
    for (const step of view.steps()) {
      around.clock.time += 20;
      view.step({ loss: step });
    }
    expect(around.written.length).toBeLessThanOrEqual(100 / 5 + 2);
    expect(around.written.every((text) => text.startsWith("\r"))).toBe(true);
    expect(around.written.filter((text) => text.includes("\n"))).toHaveLength(1);
    expect(around.written[around.written.length - 1]).toBe(
      "\rGPT ████████████████████ 100/100  loss 99  50 steps/s  2.0s elapsed\u001b[K\n",
    );
  });

  it("is a line for each tenth where lines cannot be rewritten", () => {
    const around = surroundings();
    const view = new TrainingView({ totalSteps: 1000 }, around);
    for (const step of view.steps()) {
      around.clock.time += 150;
      view.step({ loss: step });
    }
    expect(around.written).toHaveLength(11);
    expect(around.written[5]).toMatch(
      /^training ██████████░{10} 500\/1000 {2}loss 499 {2}6\.67 steps\/s .* 1m 15s left\n$/,
    );
  });
});

it("keeps a history that line() draws", () => {
  const view = new TrainingView({ totalSteps: 3 }, surroundings());
  view.step({ loss: 3 });
  view.step({ loss: 2, valLoss: 2.5 });
  view.step({ loss: 1 });
  expect(view.history.get("valLoss")).toEqual({ x: [2], y: [2.5] });
  const { data } = line(Object.fromEntries(view.history)).plotly;
  expect(data[0]).toMatchObject({ name: "loss", x: [1, 2, 3], y: [3, 2, 1] });
});

it("wants a whole number of steps", () => {
  expect(() => trainingView({ totalSteps: 1.5 })).toThrow(
    "trainingView: expected totalSteps to be a whole number, got 1.5",
  );
  expect([...new TrainingView({ totalSteps: 0 }, surroundings()).steps()]).toEqual([]);
});
