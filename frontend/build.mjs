// Builds the committed assets of the pages from the packages in package-lock.json.
//   node build.mjs          writes them
//   node build.mjs --check  writes nothing; fails if what is committed differs
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { compile } from "sass";

const HERE = dirname(fileURLToPath(import.meta.url));
const TARGET = join(HERE, "../src/proxeny/node/pages/static/proxeny");
const MODULES = join(HERE, "node_modules");
const FONT = join(MODULES, "@fontsource-variable/noto-sans");
const MOJ_IMAGES = join(MODULES, "@ministryofjustice/frontend/moj/assets/images");
const SUBSETS = ["latin", "latin-ext", "cyrillic", "greek"];

// Only what ends up in the committed files. Packages without a licence file of their own
// name the licence and its holder in package.json and on their repository's front page.
const MIT = readFileSync(join(HERE, "src/MIT.txt"), "utf8");
const LICENSED = [
  ["govuk-frontend", "MIT", "Copyright (C) 2017 Crown Copyright (Government Digital Service)", MIT],
  ["@ministryofjustice/frontend", "MIT", "Crown Copyright (Ministry of Justice)", MIT],
  ["htmx.org", "0BSD", "", readFileSync(join(MODULES, "htmx.org/LICENSE"), "utf8")],
  ["@fontsource-variable/noto-sans", "OFL-1.1", "", readFileSync(join(FONT, "LICENSE"), "utf8")],
];

const version = (name) =>
  JSON.parse(readFileSync(join(MODULES, name, "package.json"), "utf8")).version;

function style() {
  const { css } = compile(join(HERE, "src/app.scss"), {
    loadPaths: [HERE, MODULES],
    quietDeps: true,
    sourceMap: false,
    style: "compressed",
  });
  return `${css.trim()}\n`;
}

async function script() {
  const result = await build({
    absWorkingDir: HERE,
    bundle: true,
    charset: "utf8",
    entryPoints: ["src/app.js"],
    format: "esm",
    legalComments: "none",
    minify: true,
    target: "es2022",
    write: false,
  });
  return result.outputFiles[0].text;
}

function licences() {
  const head = "Third-party work in this folder\n\n";
  const list = LICENSED.map(([name, id]) => `- ${name} ${version(name)}: ${id}\n`).join("");
  const texts = LICENSED.map(
    ([name, , holder, text]) =>
      `\n${"=".repeat(72)}\n${name}\n${"=".repeat(72)}\n${holder && `${holder}\n\n`}${text.trim()}\n`,
  );
  return head + list + texts.join("");
}

async function assets() {
  const files = new Map([
    ["css/app.css", style()],
    ["js/app.js", await script()],
    ["LICENSES.txt", licences()],
  ]);
  for (const name of readdirSync(join(HERE, "src/images")).sort()) {
    files.set(`images/${name}`, readFileSync(join(HERE, "src/images", name)));
  }
  files.set("images/icon-document.svg", readFileSync(join(MOJ_IMAGES, "icon-document.svg")));
  for (const subset of SUBSETS) {
    files.set(
      `fonts/noto-sans-${subset}.woff2`,
      readFileSync(join(FONT, `files/noto-sans-${subset}-wght-normal.woff2`)),
    );
  }
  return files;
}

function committed() {
  return readdirSync(TARGET, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(TARGET, join(entry.parentPath ?? entry.path, entry.name)));
}

function differences(files) {
  const found = committed();
  const stale = [...files].filter(
    ([name, body]) =>
      !found.includes(name) || !readFileSync(join(TARGET, name)).equals(Buffer.from(body)),
  );
  const strangers = found.filter((name) => !files.has(name));
  return [...stale.map(([name]) => name), ...strangers];
}

const files = await assets();
if (process.argv.includes("--check")) {
  const names = differences(files);
  if (names.length > 0) {
    console.error(`not as built: ${names.join(", ")}; run "npm run build" and commit`);
    process.exit(1);
  }
  console.log(`${files.size} files are as built`);
} else {
  rmSync(TARGET, { force: true, recursive: true });
  for (const [name, body] of files) {
    mkdirSync(dirname(join(TARGET, name)), { recursive: true });
    writeFileSync(join(TARGET, name), body);
    console.log(`${name} ${Buffer.byteLength(body)} bytes`);
  }
}
