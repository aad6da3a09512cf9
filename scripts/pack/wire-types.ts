import { dirname, join } from "node:path";
import ts from "typescript";
import { TypePrinter } from "./type-printer.ts";

/** The console's procedures and the queue's events are not for applications. */
const notForClients = { routers: new Set(["admin"]), files: /\/contracts\/src\/(admin|events)\.ts$/ };

/** Everything that crosses a wire, written out. */
interface WireTypes {
  /** The contracts' types without zod. */
  contracts: string;
  /** The routers' types without the servers behind them; they import `./contracts`. */
  routers: string;
}

const procedure = `type Procedure<Type extends string, Input, Output> = {
  _def: { type: Type; $types: { input: Input; output: Output } };
};
`;

/** @param root of the repository */
export function writeWireTypes(root: string): WireTypes {
  const files = ["packages/contracts/src/index.ts", "apps/api/src/index.ts", "apps/realtime/src/index.ts"];
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    optionsOf(join(root, "tsconfig.base.json")),
  );
  const checker = program.getTypeChecker();
  const [contracts, api, realtime] = files.map((file) => exportsOf(program, join(root, file)));
  const printer = new TypePrinter(checker);
  const named = (contracts ?? []).filter((symbol) => isForClients(symbol) && tryToName(printer, symbol, checker));
  const aliases = named.map((symbol) => {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    return `${printer.comment(symbol)}export type ${symbol.name} = ${printer.printOut(type)};\n`;
  });
  const routers = [
    `import type { ${named.map(({ name }) => name).join(", ")} } from "./contracts.d.ts";`,
    procedure,
    writeRouter("AppRouter", api, { checker, printer }),
    writeRouter("RealtimeRouter", realtime, { checker, printer }),
  ];
  return { contracts: aliases.join("\n"), routers: routers.join("\n") };
}

function optionsOf(path: string): ts.CompilerOptions {
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options;
}

function exportsOf(program: ts.Program, path: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${path} exports nothing`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter(({ flags }) => (flags & ts.SymbolFlags.Type) !== 0);
}

function isForClients({ declarations = [] }: ts.Symbol): boolean {
  return !declarations.some((declaration) => notForClients.files.test(declaration.getSourceFile().fileName));
}

/** What JSON cannot carry and what has parameters is of the servers' own use. */
function tryToName(printer: TypePrinter, symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const isGeneric = symbol.declarations?.some(
    (each) => (ts.isTypeAliasDeclaration(each) || ts.isInterfaceDeclaration(each)) && each.typeParameters !== undefined,
  );
  if (isGeneric) return false;
  try {
    printer.name(checker.getDeclaredTypeOfSymbol(symbol), symbol.name);
    return true;
  } catch {
    return false;
  }
}

interface Writing {
  checker: ts.TypeChecker;
  printer: TypePrinter;
}

function writeRouter(name: string, exports: ts.Symbol[] | undefined, writing: Writing): string {
  const { checker } = writing;
  const symbol = exports?.find((each) => each.name === name);
  if (!symbol) throw new Error(`There is no ${name}`);
  const record = typeAt(checker.getDeclaredTypeOfSymbol(symbol), ["_def", "record"], checker);
  return `export type ${name} = { _def: { record: ${writeRecord(record, writing)} } };\n`;
}

function writeRecord(record: ts.Type, writing: Writing): string {
  const { checker, printer } = writing;
  const entries = checker.getPropertiesOfType(record).flatMap((property) => {
    if (notForClients.routers.has(property.name)) return [];
    const type = checker.getTypeOfSymbol(property);
    const isProcedure = type.getProperty("_def") !== undefined;
    const text = isProcedure ? writeProcedure(property.name, type, writing) : writeRecord(type, writing);
    return text === null ? [] : [`${printer.comment(property)}${property.name}: ${text};`];
  });
  return `{\n${entries.join("\n")}\n}`;
}

/** Null: a subscription, which the client keeps by itself. */
function writeProcedure(name: string, procedure: ts.Type, { checker, printer }: Writing): string | null {
  const type = checker.typeToString(typeAt(procedure, ["_def", "type"], checker));
  if (type === '"subscription"') return null;
  try {
    const input = printer.print(typeAt(procedure, ["_def", "$types", "input"], checker));
    const output = printer.print(typeAt(procedure, ["_def", "$types", "output"], checker));
    return `Procedure<${type}, ${input}, ${output}>`;
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** The type of a property of a property. */
function typeAt(type: ts.Type, path: string[], checker: ts.TypeChecker): ts.Type {
  return path.reduce((at, name) => {
    const property = checker.getPropertyOfType(at, name);
    if (!property) throw new Error(`${checker.typeToString(at)} has no ${name}`);
    return checker.getTypeOfSymbol(property);
  }, type);
}
