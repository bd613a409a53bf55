/**
 * What the page is made of before its script fills it in. Everything that changes has an id; nothing is written into markup
 * by hand later on.
 */
export const MARKUP = `
<a class="skip" href="#main">Skip to content</a>
<header>
  <div class="title">
    <h1><span id="cluster-name">Cluster</span></h1>
    <p>seen from <strong id="self-name">…</strong></p>
  </div>
  <p id="connection" role="status" data-live="false">connecting…</p>
</header>
<nav aria-label="Parts of this page">
  <a href="#picture">Picture</a> <a href="#nodes">Nodes</a> <a href="#store">Store</a>
  <a href="#partitions">Partitions</a> <a href="#events">Events</a>
</nav>
<main id="main" tabindex="-1">
  <section id="overview" tabindex="-1" aria-label="Overview" data-state="red">
    <div class="card state-card">
      <h2>State</h2>
      <p class="big"><span id="state-sign" class="sign" aria-hidden="true">…</span> <span id="state">…</span></p>
      <p id="state-words"></p>
      <p id="state-since" class="small"></p>
    </div>
    <div class="card">
      <h2>Nodes up</h2>
      <p class="big" id="size">…</p>
      <p id="size-words" class="small"></p>
    </div>
    <div class="card">
      <h2>Leader</h2>
      <p class="big name" id="leader">…</p>
      <p id="leader-words" class="small"></p>
      <button type="button" id="step-down" hidden>Step down…</button>
    </div>
    <div class="card">
      <h2>Store</h2>
      <p class="big" id="store-size">…</p>
      <p id="store-words" class="small"></p>
    </div>
  </section>
  <ul id="findings" aria-label="What is wrong"></ul>
  <div class="columns">
    <section id="picture" tabindex="-1" class="card" aria-labelledby="picture-title">
      <h2 id="picture-title">Who sees whom</h2>
      <p id="picture-text"></p>
      <svg viewBox="0 15 400 370" role="img" aria-labelledby="picture-title picture-text">
        <defs>
          <marker id="arrow" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 L10 5 L0 10 z" class="arrow"/>
          </marker>
        </defs>
        <g id="links"></g>
        <g id="dots"></g>
      </svg>
      <p class="small legend">★ leads · ~ degraded · ? suspect · ✕ down · dashed: does not answer · thick: most traffic of the chosen node</p>
    </section>
    <section id="nodes" tabindex="-1" class="card" aria-labelledby="nodes-title">
      <h2 id="nodes-title">Nodes, and what each says itself</h2>
      <div class="scroll" tabindex="0" role="group" aria-label="Table of nodes">
        <table>
          <thead>
            <tr>
              <th scope="col">Node</th><th scope="col">Status</th><th scope="col">Sees</th>
              <th scope="col">Its leader</th><th scope="col">Its state</th><th scope="col">Up for</th>
            </tr>
          </thead>
          <tbody id="node-rows"></tbody>
        </table>
      </div>
      <div id="detail" hidden>
        <h3 id="detail-name" tabindex="-1"></h3>
        <dl>
          <dt>Sees</dt><dd id="detail-sees" tabindex="0"></dd>
          <dt>Does not see</dt><dd id="detail-misses" tabindex="0"></dd>
          <dt>Its store</dt><dd id="detail-store"></dd>
          <dt>Started</dt><dd id="detail-started"></dd>
          <dt>Address</dt><dd id="detail-address"></dd>
          <dt>Incarnation</dt><dd id="detail-incarnation"></dd>
        </dl>
        <table id="link-table" hidden>
          <caption>Traffic of its links since they were opened</caption>
          <thead><tr><th scope="col">With</th><th scope="col">Received</th><th scope="col">Sent</th></tr></thead>
          <tbody id="link-rows"></tbody>
        </table>
        <div class="actions" id="detail-actions"></div>
      </div>
    </section>
  </div>
  <div class="columns">
    <section id="store" tabindex="-1" class="card" aria-labelledby="store-title">
      <h2 id="store-title">Store</h2>
      <form id="prefix-form" role="search" class="row">
        <label for="prefix">Keys that begin with</label>
        <input id="prefix" autocomplete="off" spellcheck="false">
        <button type="submit">Show</button>
        <button type="button" id="new-key">New key</button>
      </form>
      <p id="key-count" role="status"></p>
      <ul id="keys" class="keys"></ul>
      <button type="button" id="more" hidden>More</button>
      <form id="editor" hidden aria-label="Key">
        <h3 id="editor-key" tabindex="-1" hidden></h3>
        <div id="key-field"><label for="key">Key</label> <input id="key" autocomplete="off" spellcheck="false"></div>
        <label for="value">Value, as JSON</label>
        <textarea id="value" rows="8" spellcheck="false"></textarea>
        <p><span id="editor-note" role="status"></span> <button type="button" id="reload-key" hidden>Take the new value</button></p>
        <div class="row">
          <label for="ttl">Expires after (ms)</label>
          <input id="ttl" inputmode="numeric" pattern="[0-9]*" size="8" autocomplete="off">
          <label for="ack">Confirmed by</label>
          <select id="ack"><option>quorum</option><option>all</option><option>local</option></select>
        </div>
        <div class="actions">
          <button type="submit" class="primary">Save</button>
          <button type="button" id="delete-key" class="danger">Delete…</button>
        </div>
      </form>
      <p><button type="button" id="purge" class="danger">Delete every key…</button></p>
    </section>
    <div class="column">
      <section id="partitions" tabindex="-1" class="card" aria-labelledby="partitions-title">
        <h2 id="partitions-title">Partitions</h2>
        <div class="row" role="group" aria-label="Recovery after a partition">
          <span>Recovery</span>
          <button type="button" id="recovery-automatic" aria-pressed="false">automatic</button>
          <button type="button" id="recovery-manual" aria-pressed="false">manual</button>
        </div>
        <p id="no-partitions">None that this node knows of.</p>
        <ul id="partition-list"></ul>
      </section>
      <section id="events" tabindex="-1" class="card" aria-labelledby="events-title">
        <h2 id="events-title">Events</h2>
        <p><input type="checkbox" id="log-store" autocomplete="off"> <label for="log-store">with writes and deletes</label></p>
        <ol id="log" class="without-store" tabindex="0" aria-label="Events, newest first" reversed></ol>
      </section>
    </div>
  </div>
</main>
<p id="spoken" class="unseen" role="log" aria-live="polite"></p>
<div id="toasts" role="status"></div>
`;
