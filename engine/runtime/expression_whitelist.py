"""What an expression in a diagram may say: each permitted node, rewritten to go through guards."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from engine.domain.errors import Invalid
from engine.runtime.expression_guards import is_bounded

LONGEST_TEXT = 1_000
MOST_ITEMS = 100
DEEPEST = 25
LONGEST_QUOTE = 80


class ExpressionRefused(Invalid):
    """The expression says something that an expression may not say; `position` counts from 1."""

    slug = "expression-refused"

    def __init__(self, source: str, position: int, zh: str, english: str) -> None:
        super().__init__(
            f"表达式“{_shortened(source)}”第 {position} 个字符处：{zh}",
            f"expression “{_shortened(source)}”, character {position}: {english}",
            fields={"expression": zh},
        )
        self.source = source
        self.position = position


@dataclass(frozen=True, slots=True)
class Variable:
    """An argument known only at run time."""

    name: str


class Call(NamedTuple):
    """One call in an expression.

    `arguments`: constants in the order written, positional before named; a `Variable` stands
    for a name.
    """

    function: str
    arguments: tuple[object, ...]


def _shortened(source: str) -> str:
    printable = source.encode(errors="replace").decode()
    return printable if len(source) <= LONGEST_QUOTE else printable[:LONGEST_QUOTE] + "..."


def position(source: str, line: int, characters: int) -> int:
    """Where a place of the bracketed source `(source` lies in the source, counted from 1."""
    before = sum(len(part) + 1 for part in f"({source}".split("\n")[: line - 1])
    return min(max(1, before + characters), max(1, len(source)))


_REFUSED: Mapping[type[ast.AST], tuple[str, str]] = {
    ast.Attribute: ('不允许用点号取属性，请写 x["y"]', 'no attributes; write x["y"]'),
    ast.JoinedStr: ("不允许格式化字符串", "no format strings"),
    ast.Lambda: ("不允许 lambda", "no lambda"),
    ast.ListComp: ("不允许推导式", "no comprehensions"),
    ast.SetComp: ("不允许推导式", "no comprehensions"),
    ast.DictComp: ("不允许推导式", "no comprehensions"),
    ast.GeneratorExp: ("不允许推导式", "no comprehensions"),
    ast.Starred: ("不允许星号", "no star"),
    ast.NamedExpr: ("不允许赋值", "no assignment"),
    ast.Slice: ("不允许切片", "no slices"),
}
_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Mod: "remainder",
}
_ORDER: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "at_most",
    ast.Gt: "greater",
    ast.GtE: "at_least",
}


class Translation:
    """Rewrites a parsed expression so that it reaches data and functions only through guards."""

    def __init__(self, source: str, functions: frozenset[str]) -> None:
        self.source = source
        self.functions = functions
        self.names: set[str] = set()
        self.calls: list[Call] = []
        self._depth = 0
        self._translators: Mapping[type[ast.AST], Callable[[Any], ast.expr]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Compare: self._comparison,
            ast.BoolOp: self._and_or,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._arithmetic,
            ast.IfExp: self._choice,
            ast.Subscript: self._subscript,
            ast.List: self._collection,
            ast.Tuple: self._collection,
            ast.Set: self._collection,
            ast.Call: self._call,
        }

    def translate(self, node: ast.expr) -> ast.expr:
        translator = self._translators.get(type(node))
        if translator is None:
            kind = type(node).__name__
            self._refuse(node, *_REFUSED.get(type(node), (f"不允许 {kind}", f"no {kind}")))
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(node, "嵌套过深", "nested too deeply")
        translated = translator(node)
        self._depth -= 1
        return translated

    def _refuse(self, node: ast.AST, zh: str, english: str) -> NoReturn:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = f"({self.source}".split("\n")[line - 1].encode()[:column].decode(errors="replace")
        raise ExpressionRefused(self.source, position(self.source, line, len(text)), zh, english)

    def _constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            self._refuse(node, f"文字超过 {LONGEST_TEXT} 个字", f"text over {LONGEST_TEXT}")
        if isinstance(value, int | float) and not is_bounded(value):
            self._refuse(node, "数字过大", "the number is too large")
        if not isinstance(value, str | int | float | None):  # bool is an int
            self._refuse(node, "不允许这种常量", "this kind of constant is not allowed")
        return node

    def _name(self, node: ast.Name) -> ast.expr:
        self._check_name(node, node.id)
        if node.id in self.functions:
            self._refuse(node, f"{node.id} 是函数，不能当变量", f"{node.id} is a function")
        self.names.add(node.id)
        return _guard("variable", _load("data"), ast.Constant(node.id))

    def _check_name(self, node: ast.AST, name: str) -> None:
        if name.startswith("__"):
            self._refuse(node, f"不允许名称 {name}", f"the name {name} is not allowed")

    def _comparison(self, node: ast.Compare) -> ast.expr:
        operands = [node.left, *node.comparators]
        for middle in operands[1:-1]:  # evaluated twice below
            if not isinstance(middle, ast.Constant | ast.Name):
                self._refuse(middle, "中间只能是名称或常量", "only a name or constant here")
        pairs = [
            self._pair(left, operator, right)
            for left, operator, right in zip(operands, node.ops, operands[1:], strict=False)
        ]
        return pairs[0] if len(pairs) == 1 else ast.BoolOp(ast.And(), pairs)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
        if isinstance(operator, ast.In | ast.NotIn):
            return self._membership(left, operator, right)
        if isinstance(operator, ast.Is | ast.IsNot) and not _is_none(right):
            self._refuse(right, "is 只能与 None 比较", "`is` compares with None only")
        a, b = self.translate(left), self.translate(right)
        if order := _ORDER.get(type(operator)):
            return _guard(order, a, b)
        is_equal = isinstance(operator, ast.Eq | ast.Is)
        if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):  # nothing large
            return ast.Compare(a, [ast.Eq() if is_equal else ast.NotEq()], [b])
        equal = _guard("same", a, b)
        return equal if is_equal else ast.UnaryOp(ast.Not(), equal)

    def _membership(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
        a = self.translate(left)
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            return ast.Compare(a, [operator], [ast.Tuple(self._items(right), ast.Load())])
        found = _guard("contains", self.translate(right), a)
        return found if isinstance(operator, ast.In) else ast.UnaryOp(ast.Not(), found)

    def _and_or(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, [self.translate(value) for value in node.values])

    def _unary(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return ast.UnaryOp(node.op, self.translate(node.operand))
        if isinstance(node.op, ast.Invert):
            self._refuse(node, "不允许 ~", "no ~")
        self._check_number(node.operand)
        sign = "negative" if isinstance(node.op, ast.USub) else "positive"
        return _guard(sign, self.translate(node.operand))

    def _arithmetic(self, node: ast.BinOp) -> ast.expr:
        guard = _ARITHMETIC.get(type(node.op))
        if guard is None:
            name = type(node.op).__name__
            self._refuse(node, f"不允许运算 {name}", f"the operator {name} is not allowed")
        for operand in (node.left, node.right):
            self._check_number(operand)
        return _guard(guard, self.translate(node.left), self.translate(node.right))

    def _check_number(self, node: ast.expr) -> None:
        literal = isinstance(node, ast.List | ast.Tuple | ast.Set | ast.JoinedStr)
        if literal or (isinstance(node, ast.Constant) and type(node.value) not in (int, float)):
            self._refuse(node, "只能对数字作运算", "arithmetic is for numbers only")

    def _choice(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(*(self.translate(part) for part in (node.test, node.body, node.orelse)))

    def _subscript(self, node: ast.Subscript) -> ast.expr:
        key = node.slice
        if not (isinstance(key, ast.Constant) and type(key.value) in (str, int)):
            self._refuse(key, "方括号内只能是文字或整数", "only a text or integer here")
        path = ast.Constant(ast.unparse(node).replace("'", '"'))
        return _guard("item", self.translate(node.value), self._constant(key), path)

    def _items(self, node: ast.List | ast.Tuple | ast.Set) -> list[ast.expr]:
        if len(node.elts) > MOST_ITEMS:
            self._refuse(node, f"超过 {MOST_ITEMS} 项", f"more than {MOST_ITEMS} items")
        return [self.translate(item) for item in node.elts]

    def _collection(self, node: ast.List | ast.Tuple | ast.Set) -> ast.expr:
        items = self._items(node)
        if isinstance(node, ast.Set):
            return _guard("distinct", ast.Tuple(items, ast.Load()))
        return type(node)(items, ast.Load())

    def _call(self, node: ast.Call) -> ast.expr:
        if not (isinstance(node.func, ast.Name) and node.func.id in self.functions):
            known = "、".join(sorted(self.functions))
            self._refuse(node, f"只能调用：{known}", f"only these can be called: {known}")
        for keyword in node.keywords:
            if keyword.arg is None:
                self._refuse(keyword, "不允许星号", "no star")
            self._check_name(keyword, keyword.arg)
        written = [*node.args, *(keyword.value for keyword in node.keywords)]
        self.calls.append(Call(node.func.id, tuple(self._argument(value) for value in written)))
        return ast.Call(
            _guard("function", _load("functions"), ast.Constant(node.func.id)),
            [self.translate(value) for value in node.args],
            [ast.keyword(keyword.arg, self.translate(keyword.value)) for keyword in node.keywords],
        )

    def _argument(self, node: ast.expr) -> object:
        if isinstance(node, ast.Constant):
            return node.value
        if not isinstance(node, ast.Name):
            self._refuse(node, "参数只能是常量或名称", "an argument is a constant or a name")
        return Variable(node.id)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _guard(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_load(name), list(arguments), [])
