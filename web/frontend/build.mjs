// Makes web/static/build/ and web/frontend/fonts/ out of node_modules/ and src/. Run by `make`.
//
//   build/diagram.js + diagram.css   the BPMN viewer
//   build/modeler.js, build/table_editor.js + .css   the editors of diagrams and decision tables
//   build/<name>.js                  every other src/<name>.js  build/swagger/  copied
//   build/LICENSES.txt               of everything above        fonts/          two weights for letters

import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const out = join(here, "..", "static", "build");
const fonts = join(here, "fonts");

const COPIES = [
  ...["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"].map(
    (name) => [`swagger-ui-dist/${name}`, join(out, "swagger", name)],
  ),
  ["@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf", join(fonts, "NotoSerifSC-Regular.ttf")],
  ["@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf", join(fonts, "NotoSerifSC-Bold.ttf")],
  ["@expo-google-fonts/noto-serif-sc/LICENSE_FONT", join(fonts, "LICENSE.txt")],
];

// CodeMirror (in dmn-js) would write <style> elements, which the site's policy forbids: the same rules go
// into a style sheet object.
const STYLES = {
  name: "styles-without-elements",
  setup({ onLoad }) {
    onLoad({ filter: /style-mod\/src\/style-mod\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source.replace("!root.head && root.adoptedStyleSheets", "root.adoptedStyleSheets");
      if (contents === source) throw new Error("style-mod has changed: see how it mounts its sheets now");
      return { contents };
    });
  },
};

async function bundle() {
  const sources = (await readdir(join(here, "src"))).filter((name) => name.endsWith(".js"));
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: sources.map((name) => join("src", name)),
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome100", "firefox100", "safari15"],
    charset: "utf8",
    legalComments: "eof",
    metafile: true,
    plugins: [STYLES],
    loader: { ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
    logLevel: "warning",
  });
  return metafile;
}

async function licences(metafile) {
  const packages = Object.keys(metafile.inputs)
    .map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1])
    .concat("swagger-ui-dist");
  const texts = [...new Set(packages)].filter(Boolean).sort().map(async (name) => {
    const folder = join(modules, name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(folder, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  await writeFile(join(out, "LICENSES.txt"), (await Promise.all(texts)).join(`\n${"-".repeat(72)}\n\n`));
}

const size = (path) => stat(path).then((file) => file.size, () => undefined);

await mkdir(join(out, "swagger"), { recursive: true });
await mkdir(fonts, { recursive: true });
const metafile = await bundle();
for (const [source, target] of COPIES) {
  // the fonts are 30 MB: not copied again at every change of a script
  const sizes = await Promise.all([join(modules, source), target].map(size));
  if (sizes[0] !== sizes[1]) await copyFile(join(modules, source), target);
}
await licences(metafile);
for (const [path, { bytes }] of Object.entries(metafile.outputs)) {
  console.log(`${basename(path).padEnd(14)} ${(bytes / 1000).toFixed(0).padStart(5)} kB`);
}
