// The view for the choice of Graph or a simulated tenant, and for the token or sign-in.

import { Problem, chosen, typed } from "./elements.jsx";
import { isSimulated } from "./service.js";
import { loadMsal } from "./sign-in.js";

/** @import { Access } from "./access.js" */
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */

/** @typedef {{ state: State, actions: Actions }} Properties */

/** @param {Properties & { access: Access }} properties */
export function AccessView({ state, actions, access }) {
  const { service, services, tenants, signIn } = state;
  const simulated = isSimulated(service);
  return (
    <>
      <div class="fields">
        <div class="field">
          <label for="graph">Graph</label>
          <select id="graph" autocomplete="off" value={service.id} onChange={chosen((id) => actions.access.chooseService(id))}>
            {services.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </div>
        {simulated && tenants && <TenantField tenants={tenants} actions={actions} />}
        {signIn.kind === "in" ? (
          <SignedIn name={signIn.name} actions={actions} />
        ) : (
          // Each Graph has its own field, so that a token for one is never sent to another.
          <TokenField key={service.id} state={state} actions={actions} access={access} />
        )}
      </div>
      <p class="about" id="token-about">
        {simulated ? <AboutSimulated tenants={tenants} /> : <AboutToken />}
      </p>
      {!simulated && signIn.kind !== "in" && <SignInForm state={state} actions={actions} />}
    </>
  );
}

/** @param {{ tenants: NonNullable<State["tenants"]>, actions: Actions }} properties */
const TenantField = ({ tenants: { tenant, tenants }, actions }) => (
  <div class="field wide">
    <label for="simulated-tenant">Simulated tenant</label>
    <select id="simulated-tenant" autocomplete="off" value={tenant} onChange={chosen((name) => actions.access.chooseTenant(name))}>
      {tenants.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  </div>
);

const AboutToken = () => (
  <>
    Needs <code>TeamworkDevice.ReadWrite.All</code>. It stays in this tab's memory and is sent to the chosen Graph only.
  </>
);

/** @param {{ tenants: State["tenants"] }} properties */
const AboutSimulated = ({ tenants }) => (
  <>
    {tenants?.tenants.find(({ name }) => name === tenants.tenant)?.about} Any token works, or none. <code>expired</code>,{" "}
    <code>no-roles</code> and <code>read-only</code> have the effect of their name.
  </>
);

/** @param {Properties & { access: Access }} properties */
const TokenField = ({ state: { service, accessProblem }, actions, access }) => (
  <div class="field grow">
    <label for="token">Access token</label>
    {/* Not of the type "password", because browsers offer to save those; CSS masks the text. */}
    <input
      id="token"
      type="text"
      class="secret"
      value={access.pasted(service)}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      aria-describedby="token-problem token-about"
      aria-invalid={accessProblem !== ""}
      onInput={typed((token) => actions.access.pasteToken(token))}
    />
    <Problem id="token-problem" text={accessProblem} />
  </div>
);

/** @param {{ name: string, actions: Actions }} properties */
const SignedIn = ({ name, actions }) => (
  <div class="field grow">
    <span class="label">Access</span>
    <p class="signed-in">
      <span>
        Signed in as <strong>{name}</strong>
      </span>
      <button type="button" onClick={() => actions.access.signOut()}>
        Sign out
      </button>
    </p>
  </div>
);

/** @param {Properties} properties */
const SignInForm = ({ state: { signIn }, actions }) => (
  <details class="sign-in" onToggle={() => void loadMsal().catch(() => {})}>
    <summary>Or sign in with Microsoft</summary>
    <form class="fields" autocomplete="off" noValidate onSubmit={submitted(actions)}>
      <div class="field grow">
        <label for="client-id">Client id</label>
        <input id="client-id" type="text" autocomplete="off" autocapitalize="off" spellcheck={false} />
      </div>
      <div class="field grow">
        <label for="tenant-id">Tenant</label>
        <input id="tenant-id" type="text" autocomplete="off" autocapitalize="off" spellcheck={false} aria-describedby="sign-in-about" />
      </div>
      <button type="submit">Sign in</button>
    </form>
    {signIn.kind === "signingIn" && (
      <p class="about">Signing in, in Microsoft's window. If the window was closed or did not open, press Sign in again.</p>
    )}
    <p class="about" id="sign-in-about">
      The client id of an application in Entra, and the id or domain of its tenant. The application's single-page redirect URI must be{" "}
      <code>{new URL("./signed-in.html", location.href).href}</code>.
    </p>
  </details>
);

/** @param {Actions} actions */
function submitted(actions) {
  return (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (form.querySelector(id));
    const empty = ["#client-id", "#tenant-id"].map(field).find(({ value }) => value.trim() === "");
    if (empty !== undefined) return empty.focus();
    return actions.access.signIn({ clientId: field("#client-id").value.trim(), tenant: field("#tenant-id").value.trim() });
  };
}
