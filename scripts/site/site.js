/** Runs in the reader's browser, as it stands: theme, search, and Plotly for the figures. */
(() => {
  const up = document.currentScript?.dataset.up ?? "";
  const language = document.documentElement.lang;
  /** @type {any} */
  const page = window;

  const load = (/** @type {string} */ name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${up}assets/${name}`;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${name} could not be loaded`));
      document.head.append(script);
    });

  // The figures' own scripts wait for this: Plotly is large, and comes when the first figure is near.
  page.gradschoolPlotly = new Promise((resolve, reject) => {
    addEventListener("DOMContentLoaded", () => {
      const near = new IntersectionObserver(
        (entries) => {
          if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
          near.disconnect();
          load("plotly.js").then(() => resolve(page.Plotly), reject);
        },
        { rootMargin: "800px" },
      );
      for (const figure of document.querySelectorAll("[data-gradschool-figure]")) near.observe(figure);
    });
  });

  addEventListener("DOMContentLoaded", () => {
    const { dataset } = document.documentElement;
    // The figures take their colours anew when this attribute changes.
    document.body.dataset.jpThemeName = dataset.theme;
    document.querySelector(".theme")?.addEventListener("click", () => {
      dataset.theme = dataset.theme === "dark" ? "light" : "dark";
      localStorage.setItem("theme", dataset.theme);
      document.body.dataset.jpThemeName = dataset.theme;
    });
    if (matchMedia("(max-width: 62rem)").matches)
      document.querySelector(".contents details")?.removeAttribute("open");

    const form = /** @type {HTMLFormElement} */ (document.querySelector("header form"));
    const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
    const list = /** @type {HTMLOListElement} */ (form.querySelector("ol"));
    /** @type {any} */
    let index = null;
    const open = async () => {
      if (index) return index;
      if (!page.MiniSearch) await load("minisearch.js");
      if (!page.gradschoolSearch) await load(`search-${language}.js`);
      const { options, data } = page.gradschoolSearch;
      index = page.MiniSearch.loadJS(data, options);
      return index;
    };
    const search = async () => {
      const text = input.value.trim();
      list.hidden = text === "";
      if (text === "") return;
      const found = (await open()).search(text, {
        prefix: true,
        fuzzy: 0.15,
        boost: { title: 3 },
        combineWith: "AND",
      });
      if (input.value.trim() !== text) return;
      list.replaceChildren(
        ...found.slice(0, 12).map((/** @type {Record<string, string>} */ { url, title, lecture }) => {
          const item = document.createElement("li");
          const link = item.appendChild(document.createElement("a"));
          link.href = up + url;
          link.textContent = title;
          link.append(Object.assign(document.createElement("small"), { textContent: lecture }));
          return item;
        }),
      );
      if (found.length === 0)
        list.append(Object.assign(document.createElement("li"), { textContent: input.dataset.nothing }));
    };
    input.addEventListener("focus", open);
    input.addEventListener("input", search);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) location.href = first.href;
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") list.hidden = true;
    });
    document.addEventListener("click", (event) => {
      if (!form.contains(/** @type {Node} */ (event.target))) list.hidden = true;
    });
    list.addEventListener("click", () => {
      list.hidden = true;
    });
  });
})();
