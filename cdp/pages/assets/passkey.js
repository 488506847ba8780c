// The browser's part of passkeys (W3C Web Authentication): options from us, an answer from the authenticator, back in an
// ordinary form. Where it cannot be done the page stays as it was, and says so.

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const known = (list) => (list ?? []).map((each) => ({ ...each, id: decode(each.id) }));

async function optionsOf(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.redirected || !answer.headers.get("content-type")?.startsWith("application/json")) {
    if (answer.ok) location.reload(); // she has to prove first who she is, and the page says so
    throw new Error("no options");
  }
  return answer.json();
}

async function add(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: encode(made.response.clientDataJSON),
      attestationObject: encode(made.response.attestationObject),
    },
  };
}

async function enter(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    allowCredentials: known(options.allowCredentials),
  };
  const used = await navigator.credentials.get({ publicKey });
  return {
    id: used.id,
    rawId: encode(used.rawId),
    type: used.type,
    response: {
      clientDataJSON: encode(used.response.clientDataJSON),
      authenticatorData: encode(used.response.authenticatorData),
      signature: encode(used.response.signature),
      userHandle: used.response.userHandle ? encode(used.response.userHandle) : null,
    },
  };
}

const show = (name, shown) => {
  for (const each of document.querySelectorAll(`[data-passkey=${name}]`)) each.hidden = !shown;
};

if (window.PublicKeyCredential && window.isSecureContext) {
  show("possible", true);
  show("missing", false);
  for (const [name, ceremony] of [["add", add], ["enter", enter]]) {
    show(name, true);
    for (const form of document.querySelectorAll(`form[data-passkey=${name}]`)) {
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        show("failed", false);
        try {
          form.elements.credential.value = JSON.stringify(await ceremony(await optionsOf(form)));
          form.submit();
        } catch {
          delete form.dataset.sent; // it may be tried again
          show("failed", true);
        }
      });
    }
  }
}
