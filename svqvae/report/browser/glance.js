// The first screen: five cards, each a verdict, a number with its interval, and a link.
function cardsOf(ctx) {
  const cards = ctx.model.cards.map((card) => ({ ...card }));
  if (ctx.q !== 0.05) {
    const relations = ctx.of("mechanism_correlations");
    const card = cards.find((c) => c.key === "relations");
    if (relations.rows && relations.has("q_value")) {
      const found = pairsUpTo(ctx).length;
      card.verdict = found ? "Pairs up to the q that you chose." : "No pair is alike up to the q that you chose.";
      card.number = `${found} of ${relations.rows} pairs, q ≤ ${ctx.q}`;
    }
  }
  return cards;
}

// Two pictures with few words: point at them.
function glancePictures(ctx) {
  const relations = ctx.of("mechanism_correlations").rows > 0;
  const map = ctx.of("latent_map").rows > 0;
  return h("div", { class: "pair" },
    relations && h("div", {}, h("h3", {}, h("a", { href: link(ctx, "relations") }, "Relations")), figure("heat map of relations", relationMap(ctx, "correlation", 430), "Classes by cluster; outlined: alike beyond chance.")),
    map && h("div", {}, h("h3", {}, h("a", { href: link(ctx, "map") }, "Map")), figure("map", mapDrawing(ctx, { by: "cluster" }), "Dots: signatures; diamonds: classes; colours: clusters.")));
}

function glanceView(ctx) {
  return [
    h("h2", {}, "At a glance"),
    h("div", { class: "cards" }, cardsOf(ctx).map((card) => h("a", {
      class: "card", "data-card": card.key, href: link(ctx, card.view),
    }, h("h3", {}, card.title), h("p", { class: "verdict" }, card.verdict), h("p", { class: "number" }, card.number)))),
    glancePictures(ctx),
  ];
}
