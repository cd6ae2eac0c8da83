"use strict";

const PLACEHOLDER = /"([A-Z]+_[A-Z_]+)"/g;
const DEMO_IDS = `{
  viewer { accounts { id freelancer { id } jobs(first: 1) { nodes { id } } } }
  connectsPackages(accountKind: CLIENT) { id }
}`;

/** The ids that placeholders stand for. They outlive a reload, but not the data they belong to. */
class Ids {
  constructor(storage, demo) {
    const known = JSON.stringify(demo);
    if (storage.getItem("demo ids") !== known) {
      storage.clear();
      storage.setItem("demo ids", known);
      storage.setItem("ids", known);
    }
    this.storage = storage;
    this.known = JSON.parse(storage.getItem("ids"));
  }

  /** `query` with the ids that are known; JSON quotes text as GraphQL does. */
  putInto(query) {
    return query.replace(PLACEHOLDER, (quoted, name) =>
      Object.hasOwn(this.known, name) ? JSON.stringify(this.known[name]) : quoted,
    );
  }

  /** Keeps what `data` has at the places where `paths` says that ids are. */
  learn(paths, data) {
    for (const [name, path] of Object.entries(paths)) {
      const id = path.reduce((part, key) => part?.[key], data);
      if (typeof id === "string") this.known[name] = id;
    }
    this.storage.setItem("ids", JSON.stringify(this.known));
  }
}

/** What the demo data has for one of its people. */
async function demoIds(person, headers) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ query: DEMO_IDS }),
  });
  const { data } = await answer.json();
  const account = data?.viewer?.accounts[0];
  const possessive = `${person.toUpperCase()}S`;
  return {
    [`${possessive}_ACCOUNT`]: account?.id,
    [`${possessive}_PROFILE`]: account?.freelancer?.id,
    [`${possessive}_JOB`]: account?.jobs.nodes[0]?.id,
    SMALL_PACKAGE: data?.connectsPackages[0]?.id,
  };
}

/** Sends what GraphiQL asks: a subscription by WebSocket, which the headers go through too. */
function makeFetcher(tabs, ids) {
  const url = new URL("/graphql", location.href);
  const subscriptionUrl = new URL(url);
  subscriptionUrl.protocol = url.protocol.replace("http", "ws");
  const send = GraphiQL.createFetcher({
    url: url.href,
    subscriptionUrl: subscriptionUrl.href,
    enableIncrementalDelivery: false,
  });

  return async (asked, options) => {
    const answer = await send({ ...asked, query: ids.putInto(asked.query) }, options);
    const tab = tabs.find(({ name }) => name === asked.operationName);
    if (tab && answer.data) ids.learn(tab.ids, answer.data);
    return answer;
  };
}

function headersText(headers) {
  return headers ? JSON.stringify(headers, null, 2) : "";
}

async function start() {
  const { people, tabs } = await (await fetch("/graphiql/start.json")).json();
  const found = await Promise.all(
    Object.entries(people).map(([person, headers]) => demoIds(person, headers)),
  );
  const explorer = GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false });
  const properties = {
    fetcher: makeFetcher(tabs, new Ids(sessionStorage, Object.assign({}, ...found))),
    defaultTabs: tabs.map(({ person, query }) => ({ query, headers: headersText(people[person]) })),
    defaultHeaders: headersText(people[tabs[0].person]),
    defaultEditorToolsVisibility: "headers",
    plugins: [explorer],
    shouldPersistHeaders: true,
    storage: sessionStorage,
  };
  ReactDOM.createRoot(document.getElementById("page")).render(
    React.createElement(
      GraphiQL,
      properties,
      React.createElement(GraphiQL.Logo, null, "Connects"),
    ),
  );
}

start().catch((error) => {
  document.getElementById("page").textContent = `GraphiQL could not start. ${error}`;
});
