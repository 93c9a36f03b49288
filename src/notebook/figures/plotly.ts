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
 * network. Then swaps each picture with this `key` for a live plot, in the colours of Jupyter's theme and no wider than
 * its place, and follows both when they change; whatever fails, the picture stays.
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
    var theme = getComputedStyle(document.body);
    function color(name) { return theme.getPropertyValue(name).trim(); }
    var [ink, grid] = [color("--jp-content-font-color1"), color("--jp-border-color2")];
    if (!ink || !grid) return {};
    var axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid };
    var clear = "rgba(0,0,0,0)";
    var font = Object.assign({}, spec.layout.font, { color: ink });
    var colors = { paper_bgcolor: clear, plot_bgcolor: spec.layout.plot_bgcolor || clear, font: font };
    Object.keys(spec.layout).forEach(function (name) {
      if (/^[xy]axis/.test(name)) colors[name] = Object.assign({}, axis, spec.layout[name]);
    });
    return colors;
  }
  function fit(host) {
    var room = host.clientWidth, width = spec.layout.width;
    if (!width || !room || width <= room) return {};
    if (spec.layout.margin.l > 0) return { width: room };
    // Everything has its place in the picture: below three quarters names would lie over one another, so it scrolls.
    var share = Math.max(0.75, room / width);
    return { width: width * share, height: spec.layout.height * share };
  }
  function draw(Plotly) {
    document.querySelectorAll('[data-gradschool-figure="' + key + '"]').forEach(function (host) {
      if (host.getAttribute("data-live")) return;
      host.setAttribute("data-live", "yes");
      var live = document.createElement("div");
      live.setAttribute("role", "img"); // told by the picture's words
      live.setAttribute("aria-label", host.firstElementChild.alt);
      host.appendChild(live);
      function layout() {
        var all = Object.assign({}, spec.layout, fit(host), paint());
        live.style.height = all.height + "px"; // Plotly takes all of it, which without this is nothing
        return all;
      }
      function follow() {
        var now = JSON.stringify([fit(host), paint()]);
        if (now === shown || !live.isConnected) return;
        shown = now;
        Plotly.react(live, spec.data, layout(), spec.config);
      }
      var shown = JSON.stringify([fit(host), paint()]);
      Plotly.newPlot(live, spec.data, layout(), spec.config).then(
        function () {
          host.firstElementChild.style.display = "none";
          new ResizeObserver(follow).observe(host);
          // A theme's colours arrive with its style sheet, some time after its name.
          new MutationObserver(function () { [0, 300, 1500].forEach(function (ms) { setTimeout(follow, ms); }); })
            .observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
        },
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
