// What pages do besides, where a browser runs this; every page works without it.

// A form that was sent once is not sent again by a second press.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent && !("again" in form.dataset)) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
}

// Coming back by the browser's own button, it may be sent once more.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Long work says how far it is; without this, one looks again by hand.
for (const part of document.querySelectorAll("[data-watch]")) {
  const look = async () => {
    const answer = await fetch(part.dataset.watch).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const found = await answer.json();
    if (found.over) return location.reload();
    const bar = part.querySelector("progress");
    bar.max = found.of;
    bar.value = found.done;
    const said = part.querySelector("[role=status]");
    if (said.textContent !== found.text) said.textContent = found.text;
    setTimeout(look, 1500);
  };
  setTimeout(look, 1500);
}
