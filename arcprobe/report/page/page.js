"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const block = document.getElementById(button.dataset.copy);
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(block.textContent);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(block);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
const form = document.querySelector("form");
if (form) {
  form.hidden = false;
  const apply = () => {
    const asked = new FormData(form);
    for (const row of document.querySelectorAll("[data-verdict]")) {
      const bad = !asked.get("failed") || !["pass", "skip"].includes(row.dataset.verdict);
      const own = !asked.get("owner") || row.dataset.owners.split(" ").includes(asked.get("owner"));
      const part = !asked.get("feature") || !row.dataset.feature || row.dataset.feature === asked.get("feature");
      row.hidden = !(bad && own && part);
    }
  };
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
}
const opened = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") { target.open = true; }
};
addEventListener("hashchange", opened);
opened();
