/** The live form of a figure: Plotly's data and layout, and the script that puts it in place of the picture. */

import { escapeMarkup, scriptJson } from "../markup";

/** A trace, a layout or a part of one, as Plotly's reference documents it. */
export type PlotlyObject = { readonly [option: string]: unknown };

/** What `application/vnd.plotly.v1+json` holds. */
export interface PlotlySpec {
  readonly data: readonly PlotlyObject[];
  readonly layout: PlotlyObject;
}

/** Options that all live figures share. */
export const plotlyConfig: PlotlyObject = {
  responsive: true,
  displaylogo: false,
  modeBarButtonsToRemove: ["lasso2d", "select2d"],
};

/** Layout that all live figures share; `height` in pixels. */
export function baseLayout(title: string, height: number, { hasLegend = false } = {}): PlotlyObject {
  return {
    height,
    font: { size: 12 },
    hovermode: "closest",
    margin: { l: 64, r: 24, t: title ? (hasLegend ? 76 : 48) : 24, b: 52 },
    ...(title ? { title: { text: escapeMarkup(title), font: { size: 14 }, x: 0.02, xanchor: "left" } } : {}),
  };
}

const inPackages = "node_modules/plotly.js-dist/plotly.js";
/** For a server that shows only the notebooks: a copy that was put beside the lab's extensions. */
const amongExtensions = "lab/extensions/gradschool/static/plotly.js";
const network = "https://cdn.jsdelivr.net/npm/plotly.js-dist-min@4/plotly.min.js";

/**
 * Runs in the reader's browser. Finds Plotly, once per page: in the page, among the files that Jupyter serves
 * (in the notebook's folder or one above it), beside an exported page (in `out/` or `notebooks/`), on the
 * network. Then swaps each picture with this `key` for a live plot; whatever fails, the picture stays.
 */
const mount = `function (key, spec, inPackages, amongExtensions, network) {
  var page = window;
  function sources() {
    var settings = document.getElementById("jupyter-config-data");
    var base = settings ? JSON.parse(settings.textContent).baseUrl : document.body.getAttribute("data-base-url");
    if (!base) return ["../", "", "../../"].map(function (up) { return up + inPackages; });
    var path = /[/](?:tree|notebooks)[/](.*)/.exec(location.pathname);
    var folders = path ? path[1].split("/").slice(0, -1) : [];
    return [""].concat(folders).map(function (_, depth) {
      return base + "files/" + folders.slice(0, depth).concat(inPackages).join("/");
    }).concat(base + amongExtensions);
  }
  function find() {
    if (page.Plotly) return Promise.resolve(page.Plotly);
    if (page.gradschoolPlotly) return page.gradschoolPlotly;
    var urls = sources().concat(network);
    function attempt(index) {
      if (index === urls.length) return Promise.reject(new Error("Plotly could not be loaded"));
      return new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = urls[index];
        script.onload = function () { page.Plotly ? resolve(page.Plotly) : reject(); };
        script.onerror = reject;
        document.head.appendChild(script);
      }).catch(function () { return attempt(index + 1); });
    }
    page.gradschoolPlotly = attempt(0);
    return page.gradschoolPlotly;
  }
  function paint() {
    var lab = document.body.getAttribute("data-jp-theme-light");
    if (lab !== "false") return {};
    var axis = { gridcolor: "#3a3f44", zerolinecolor: "#565c63", linecolor: "#565c63" };
    var plain = spec.layout.plot_bgcolor || "rgba(0,0,0,0)";
    var colors = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: plain, font: { size: 12, color: "#d8dadd" } };
    Object.keys(spec.layout).forEach(function (name) {
      if (/^[xy]axis/.test(name)) colors[name] = Object.assign({}, axis, spec.layout[name]);
    });
    return colors;
  }
  function draw(Plotly) {
    document.querySelectorAll('[data-gradschool-figure="' + key + '"]').forEach(function (host) {
      if (host.getAttribute("data-live")) return;
      host.setAttribute("data-live", "yes");
      var live = document.createElement("div");
      host.appendChild(live);
      Plotly.newPlot(live, spec.data, Object.assign({}, spec.layout, paint()), spec.config).then(
        function () { host.firstElementChild.style.display = "none"; },
        function (error) { host.removeChild(live); console.warn("gradschool figure:", error); }
      );
    });
  }
  find().then(draw, function (error) { console.info("gradschool: " + error.message + ", the static picture stays."); });
}`;

/** A `<script>` that makes the elements marked with `key` live. */
export function liveScript(key: string, spec: PlotlySpec): string {
  const values = [key, { ...spec, config: plotlyConfig }, inPackages, amongExtensions, network].map(
    scriptJson,
  );
  return `<script>(${mount})(${values.join(", ")});</script>`;
}
