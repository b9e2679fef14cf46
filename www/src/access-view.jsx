// The view of access: one line while there is some; otherwise the sign-in, and other ways to it. The simulated Graph has a strip instead.

import { Problem, chosen, typed } from "./elements.jsx";
import { ANY_TENANT } from "./applications.js";
import { APPLICATION, LINE, SIGN_IN, SIMULATED, TOKEN } from "./messages-access.js";
import { isSimulated } from "./service.js";
import { loadMsal } from "./sign-in.js";

/** @import { Access } from "./access.js" */
/** @import { Actions } from "./actions.js" */
/** @import { Application, KnownApplication } from "./applications.js" */
/** @import { State } from "./state.js" */

/** @typedef {{ state: State, actions: Actions }} Properties */

/** @param {Properties & { access: Access }} properties */
export function AccessView({ state, actions, access }) {
  if (isSimulated(state.service)) return <SimulatedStrip key="strip" state={state} actions={actions} access={access} />;
  const isIn = state.signIn.kind !== "out";
  return (
    <>
      {isIn && <AccessLine key="line" state={state} actions={actions} />}
      {(!isIn || state.isAccessOpen) && <SignIn key="sign-in" state={state} actions={actions} access={access} />}
    </>
  );
}

/** @param {Properties} properties */
const AccessLine = ({ state: { signIn, service, isAccessOpen }, actions }) => (
  <p class="access-line">
    {signIn.kind === "in" ? (
      <span>
        {LINE.signedInAs} <strong>{signIn.name}</strong>
      </span>
    ) : (
      <span>{LINE.tokenGiven}</span>
    )}
    <span>{service.title}</span>
    {signIn.kind === "in" && (
      <button type="button" class="subtle" onClick={() => actions.access.signOut()}>
        {LINE.signOut}
      </button>
    )}
    <button
      type="button"
      class="subtle"
      data-focus-fallback
      aria-expanded={isAccessOpen}
      onClick={() => actions.access.opened(!isAccessOpen)}
    >
      {LINE.change}
    </button>
  </p>
);

/** @param {Properties & { access: Access }} properties */
const SignIn = ({ state, actions, access }) => (
  <>
    <SignInForm state={state} actions={actions} />
    <p class="about" id="permission">
      {SIGN_IN.permission[0]} <code>TeamworkDevice.ReadWrite.All</code>
      {SIGN_IN.permission[1]}
    </p>
    <details class="ways">
      <summary>{TOKEN.otherWays}</summary>
      <TokenField key={state.service.id} state={state} actions={actions} access={access} />
      <p class="about" id="token-about">
        {TOKEN.about}
      </p>
    </details>
  </>
);

/** @param {Properties} properties */
function SignInForm({ state, actions }) {
  const { applications, service, asking, isSigningIn, accessProblem } = state;
  const known = applications[service.id];
  const inPage = state.services.find(({ isInPage }) => isInPage);
  const preload = () => void loadMsal().catch(() => {});
  return (
    <form autocomplete="off" noValidate onSubmit={submitted(actions, asking !== undefined)}>
      {asking && <ApplicationFields asking={asking} />}
      <div class="fields">
        <button
          type="submit"
          id="sign-in"
          class="primary"
          aria-describedby="access-problem application permission"
          onPointerEnter={preload}
          onTouchStart={preload}
          onFocus={preload}
        >
          {SIGN_IN.button}
        </button>
        <GraphField state={state} actions={actions} />
        {inPage && (
          <button type="button" class="subtle" onClick={() => actions.access.chooseService(inPage.id)}>
            {SIGN_IN.try}
          </button>
        )}
        {known && asking && (
          <button type="button" class="subtle" onClick={() => actions.access.cancelApplication()}>
            {APPLICATION.cancel}
          </button>
        )}
      </div>
      {isSigningIn && <p>{SIGN_IN.waiting}</p>}
      {accessProblem !== "" && (
        <p class="problem" id="access-problem" role="alert">
          {accessProblem}
        </p>
      )}
      {known && !asking && <Known application={known} actions={actions} />}
    </form>
  );
}

/** What the button signs in with, before it is pressed: it may come from a link. @param {{ application: KnownApplication, actions: Actions }} properties */
const Known = ({ application: { clientId, tenant, from }, actions }) => (
  <p class="about">
    <span id="application">
      {APPLICATION.with[0]} <code>{clientId}</code>
      {APPLICATION.with[1]} <code>{tenant}</code>
      {APPLICATION.from[from]}
    </span>
    <button type="button" class="subtle" onClick={() => actions.access.askForApplication()}>
      {APPLICATION.another}
    </button>
  </p>
);

/** @param {{ asking: NonNullable<State["asking"]> }} properties */
const ApplicationFields = ({ asking }) => (
  <>
    <div class="fields">
      <ApplicationField id="client-id" name="clientId" asking={asking} />
      <ApplicationField id="tenant-id" name="tenant" asking={asking} placeholder={ANY_TENANT} />
    </div>
    <p class="about" id="application-about">
      {APPLICATION.register} <code>{new URL("./signed-in.html", location.href).href}</code>{" "}
      <a href={APPLICATION.how.url} target="_blank" rel="noreferrer">
        {APPLICATION.how.text}
      </a>
    </p>
  </>
);

/** @param {{ id: string, name: keyof Application, asking: NonNullable<State["asking"]>, placeholder?: string }} properties */
const ApplicationField = ({ id, name, asking: { field, problem = "" }, placeholder }) => (
  <div class="field grow">
    <label for={id}>{APPLICATION[name]}</label>
    <input
      id={id}
      type="text"
      placeholder={placeholder}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      aria-invalid={field === name}
      aria-describedby={`${id}-problem application-about`}
    />
    <Problem id={`${id}-problem`} text={field === name ? problem : ""} />
  </div>
);

/** @param {Properties} properties */
const GraphField = ({ state: { service, services }, actions }) => (
  <div class="field">
    <label for="graph">{SIGN_IN.graph}</label>
    <select id="graph" autocomplete="off" value={service.id} onChange={chosen((id) => actions.access.chooseService(id))}>
      {services.map(({ id, title }) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </select>
  </div>
);

/** Each Graph has its own field, by its key, so that a token for one is never sent to another. @param {Properties & { access: Access }} properties */
const TokenField = ({ state: { service }, actions, access }) => (
  <div class="field grow">
    <label for="token">{TOKEN.label}</label>
    {/* Not of the type "password", because browsers offer to save those; CSS masks the text. */}
    <input
      id="token"
      type="text"
      class="secret"
      value={access.typed(service)}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      aria-describedby="token-about"
      onInput={(event) => {
        typed((token) => actions.access.typeToken(token))(event);
        if (/^insertFrom/.test(event.inputType)) actions.access.tokenGiven();
      }}
      onChange={() => actions.access.tokenGiven()}
    />
  </div>
);

/** It is as high before the tenants are known as afterwards. @param {Properties & { access: Access }} properties */
function SimulatedStrip({ state, actions, access }) {
  const { tenant, tenants = [] } = state.tenants ?? {};
  return (
    <div class="strip">
      <div class="fields">
        <GraphField state={state} actions={actions} />
        <div class="field wide">
          <label for="simulated-tenant">{SIMULATED.tenant}</label>
          <select
            id="simulated-tenant"
            autocomplete="off"
            disabled={tenant === undefined}
            value={tenant}
            onChange={chosen((name) => actions.access.chooseTenant(name))}
          >
            {tenants.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </div>
        <p>
          {SIMULATED.about} {tenants.find(({ name }) => name === tenant)?.about}
        </p>
      </div>
      <details class="ways">
        <summary>{SIMULATED.ways}</summary>
        <TokenField key={state.service.id} state={state} actions={actions} access={access} />
        <p class="about" id="token-about">
          {SIMULATED.effects[0]} <code>expired</code>, <code>no-roles</code>, <code>read-only</code> {SIMULATED.effects[1]}
        </p>
      </details>
    </div>
  );
}

/** @param {Actions} actions @param {boolean} isAsked whether the fields for an application are shown */
function submitted(actions, isAsked) {
  return (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const entered = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (form.querySelector(id)).value;
    if (!isAsked) return actions.access.signIn();
    return actions.access.signInWith({ clientId: entered("#client-id"), tenant: entered("#tenant-id") });
  };
}
