// Accepts files that are dropped on a part of the page.

/**
 * @param {HTMLElement} target
 * @param {(files: File[]) => void} take
 */
export function acceptFiles(target, take) {
  // Without this, a file that is dropped beside the target would replace the page.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => event.preventDefault());
  target.addEventListener("dragover", () => target.classList.add("dropping"));
  target.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!target.contains(/** @type {Node | null} */ (relatedTarget))) target.classList.remove("dropping");
  });
  target.addEventListener("drop", ({ dataTransfer }) => {
    target.classList.remove("dropping");
    const files = [...(dataTransfer?.files ?? [])];
    if (files.length > 0) take(files);
  });
}
