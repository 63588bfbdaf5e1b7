/*
  Hides a question while the answer that it waits for is not given. Only a comfort: the page says
  in words when a question counts, and the server lets go what does not.
*/
"use strict";

(() => {
  const inputsOf = (form, key) =>
    [...form.elements].filter((input) => input.name === key && input.type !== "hidden");

  const answersTo = (form, key) =>
    inputsOf(form, key)
      .filter((input) => !["checkbox", "radio"].includes(input.type) || input.checked)
      .map((input) => input.value);

  const boxOf = (form, key) => form.querySelector(`#div_id_${CSS.escape(key)}`);

  // Questions stand in order, so one that is hidden is settled before those that wait for it.
  const settle = (form, waiting) => {
    for (const { key, parent, answers } of waiting) {
      const hidden = boxOf(form, parent)?.hidden;
      const given = answersTo(form, parent);
      boxOf(form, key).hidden = hidden || !answers.some((answer) => given.includes(answer));
    }
  };

  const waitingIn = (form) => {
    const found = new Map();
    for (const input of form.querySelectorAll("[data-shown-if]")) {
      const box = input.closest("[id^='div_id_']");
      const parent = input.dataset.shownIf;
      if (box && inputsOf(form, parent).length) {
        const key = box.id.slice("div_id_".length);
        found.set(key, { key, parent, answers: JSON.parse(input.dataset.shownIfAnswers) });
      }
    }
    return [...found.values()];
  };

  for (const form of document.querySelectorAll("form")) {
    const waiting = waitingIn(form);
    if (waiting.length) {
      form.addEventListener("change", () => settle(form, waiting));
      settle(form, waiting);
    }
  }
})();
