// Check a page by axe-core: `run.py node accessibility.js page.html`. Prints what it objects to as JSON.
// Colours are beyond jsdom, which draws nothing; the tests reckon contrasts themselves.
const { readFileSync } = require("node:fs");
const { JSDOM } = require("jsdom");

async function main(path) {
  const { window } = new JSDOM(readFileSync(path, "utf8"), {
    runScripts: "outside-only",
    pretendToBeVisual: true,
  });
  window.eval(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const found = await window.axe.run(window.document, {
    rules: { "color-contrast": { enabled: false } },
  });
  const violations = found.violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.map((node) => node.html),
  }));
  process.stdout.write(JSON.stringify({ violations, passes: found.passes.length }));
}

main(process.argv[2]).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
