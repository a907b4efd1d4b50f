"""Reads cells: one method for each rule of the grammar (DMN 1.5, 9.1 and 10.3.1.2)."""

from decimal import Decimal
from typing import NoReturn

from engine.runtime.feel import syntax
from engine.runtime.feel.arithmetic import reckon
from engine.runtime.feel.syntax import Constant, Name, Node, TestNode
from engine.runtime.feel.tokens import FeelRefused, Token, tokenize
from engine.runtime.feel.values import (
    MOST_DIGITS,
    FeelFailed,
    Value,
    read_date,
    read_date_time,
    read_duration,
    read_time,
)

DEEPEST = 30
MOST_OPERATIONS = 60
MOST_ITEMS = 100
ORDER = ("<", "<=", ">", ">=")
ARITHMETIC = frozenset({"+", "-", "*", "/", "**"})
CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}
RESERVED = frozenset({*CONSTANTS, "and", "or", "not", "if", "then", "else"})
READERS = {
    "date": (read_date,),
    "time": (read_time,),
    "date and time": (read_date_time,),
    "duration": (read_duration,),
    "@": (read_date, read_date_time, read_time, read_duration),
}
NO_NAMES: frozenset[str] = frozenset()


def parse_expression(text: str, special_names: frozenset[str] = NO_NAMES) -> Node:
    """An input expression or an output entry. Raises FeelRefused."""
    parser = _Parser(text, special_names)
    node = parser.expression()
    parser.finish()
    return node


def parse_tests(text: str, special_names: frozenset[str] = NO_NAMES) -> TestNode:
    """The unary tests of an input entry, or a list of allowed values. Raises FeelRefused."""
    if text.strip() in ("", "-"):
        return syntax.Anything()
    parser = _Parser(text, special_names)
    test = parser.tests()
    parser.finish()
    return test


class _Parser:
    def __init__(self, text: str, special_names: frozenset[str]) -> None:
        self._tokens = tokenize(text, special_names)
        self._next = 0
        self._depth = 0
        self._operations = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _is(self, *texts: str) -> bool:
        return self._token.kind in ("sign", "name") and self._token.text in texts

    def _reads(self, *texts: str) -> bool:
        ahead = self._tokens[self._next : self._next + len(texts)]
        return tuple(token.text for token in ahead) == texts

    def _take(self, *texts: str) -> str | None:
        """The next token's text if it is one of these, which is then behind us."""
        if not self._is(*texts):
            return None
        self._next += 1
        return self._tokens[self._next - 1].text

    def _expect(self, text: str) -> None:
        if self._take(text) is None:
            found = self._token.text
            self._refuse(
                f"应为 {text}，却是 {found or '结尾'}",
                f"{text} expected, found {found or 'the end'}",
            )

    def _refuse(self, zh: str, english: str, at: Token | None = None) -> NoReturn:
        raise FeelRefused((at or self._token).position, zh, english)

    def finish(self) -> None:
        if self._token.kind != "end":
            self._refuse(f"多余的 {self._token.text}", f"{self._token.text} does not belong here")

    # Unary tests

    def tests(self) -> TestNode:
        if self._is("not") and self._tokens[self._next + 1].text == "(":
            self._next += 2
            listed = self._listed_tests()
            self._expect(")")
            return syntax.NoneOf(listed)
        listed = self._listed_tests()
        return listed[0] if len(listed) == 1 else syntax.OneOf(listed)

    def _listed_tests(self) -> tuple[TestNode, ...]:
        listed = [self._test()]
        while self._take(","):
            listed.append(self._test())
        return tuple(listed)

    def _test(self) -> TestNode:
        if operator := self._take(*ORDER):
            return syntax.Compares(operator, self._sum())
        if self._is("[", "]"):
            return self._interval()
        return self._interval_or_value() if self._is("(") else syntax.Equals(self._sum())

    def _interval_or_value(self) -> TestNode:
        """`(1..5)` and `(a + b)` begin alike."""
        start = self._next
        self._next += 1
        self._sum()
        is_interval = self._is("..")
        self._next = start
        return self._interval() if is_interval else syntax.Equals(self._sum())

    def _interval(self) -> TestNode:
        opening = self._token
        self._next += 1
        low = self._sum()
        self._expect("..")
        high = self._sum()
        closing = self._take("]", ")", "[")
        if closing is None:
            self._refuse("区间没有结束", "the interval is not closed")
        if isinstance(low, Constant) and isinstance(high, Constant):
            self._check_direction(low.value, high.value, opening)
        return syntax.Between(low, high, opening.text == "[", closing == "]")

    def _check_direction(self, low: Value, high: Value, opening: Token) -> None:
        if low is None or type(low) is not type(high) or type(low) is bool:
            self._refuse("区间两端的类型不符", "the ends of the interval do not fit", opening)
        if low > high:
            self._refuse("区间的起点大于终点", "the interval ends before it begins", opening)

    # Expressions

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse("嵌套过深", "nested too deeply")
        node = self._choice() if self._is("if") else self._disjunction()
        self._depth -= 1
        return node

    def _choice(self) -> Node:
        self._expect("if")
        condition = self.expression()
        self._expect("then")
        then = self.expression()
        self._expect("else")
        return syntax.Choice(condition, then, self.expression())

    def _disjunction(self) -> Node:
        node = self._conjunction()
        while self._take("or"):
            node = self._operation("or", node, self._conjunction())
        return node

    def _conjunction(self) -> Node:
        node = self._comparison()
        while self._take("and"):
            node = self._operation("and", node, self._comparison())
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        if operator := self._take("=", "!=", *ORDER):
            node = self._operation(operator, node, self._sum())
        return node

    def _operation(self, operator: str, left: Node, right: Node) -> Node:
        self._operations += 1
        if self._operations > MOST_OPERATIONS:
            self._refuse("运算过多", "too many operations")
        if operator in ARITHMETIC and isinstance(left, Constant) and isinstance(right, Constant):
            return self._reckoned(operator, left, right)
        return syntax.Operation(operator, left, right)

    def _reckoned(self, operator: str, left: Constant, right: Constant) -> Node:
        """Told when it is read, not when the case is at it: `1 / 0`, `9**9**9`."""
        try:
            return Constant(reckon(operator, left.value, right.value))
        except FeelFailed as failure:
            return self._refuse(str(failure), failure.english)

    def _sum(self) -> Node:
        node = self._product()
        while operator := self._take("+", "-"):
            node = self._operation(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._power()
        while operator := self._take("*", "/"):
            node = self._operation(operator, node, self._power())
        return node

    def _power(self) -> Node:
        node = self._signed()
        while self._take("**"):
            node = self._operation("**", node, self._signed())
        return node

    def _signed(self) -> Node:
        signs = 0
        while self._take("-"):
            signs += 1
            if signs > DEEPEST:
                self._refuse("嵌套过深", "nested too deeply")
        operand = self._primary()
        if not signs % 2:
            return operand
        if isinstance(operand, Constant) and type(operand.value) is Decimal:
            return Constant(-operand.value)
        return syntax.Negative(operand)

    def _primary(self) -> Node:
        token = self._token
        if token.kind in ("string", "number"):
            self._next += 1
            return self._literal(token)
        if self._take("("):
            node = self.expression()
            self._expect(")")
            return node
        if self._take("["):
            return self._sequence()
        if self._take("@"):
            return self._at_literal()
        if token.kind == "name":
            self._next += 1
            return self._named(token)
        found = token.text
        return self._refuse(f"这里不能是 {found or '结尾'}", f"{found or 'the end'} cannot be here")

    def _literal(self, token: Token) -> Node:
        if token.kind == "string":
            return Constant(token.text)
        if len(token.text) > MOST_DIGITS:
            self._refuse("数字过长", "the number is too long", token)
        return Constant(Decimal(token.text))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while not self._take("]"):
            if items:
                self._expect(",")
            items.append(self.expression())
            if len(items) > MOST_ITEMS:
                self._refuse(f"超过 {MOST_ITEMS} 项", f"more than {MOST_ITEMS} items")
        return syntax.Sequence(tuple(items))

    def _named(self, token: Token) -> Node:
        if token.text in CONSTANTS:
            return Constant(CONSTANTS[token.text])
        if token.text == "date" and self._reads("and", "time", "("):
            self._next += 2
            return self._call(Token("name", "date and time", token.position))
        if self._is("("):
            return self._call(token)
        if token.text in RESERVED:
            self._refuse(f"这里不能是 {token.text}", f"{token.text} cannot be here", token)
        path = [token.text]
        while self._take("."):
            if self._token.kind != "name":
                self._refuse("点号后应为名称", "a name must follow the dot")
            path.append(self._token.text)
            self._next += 1
        return Name(tuple(path), token.position)

    def _call(self, function: Token) -> Node:
        self._expect("(")
        if function.text == "not":
            node: Node = syntax.Not(self.expression())
        elif function.text in READERS:
            node = self._dated(function.text, function)
        else:
            self._refuse(f"没有函数 {function.text}", f"no function {function.text}", function)
        self._expect(")")
        return node

    def _at_literal(self) -> Node:
        if self._token.kind != "string":
            self._refuse("@ 后应为双引号中的文字", "text in quotes must follow @")
        token = self._token
        self._next += 1
        return Constant(self._read("@", token.text, token))

    def _dated(self, function: str, at: Token) -> Node:
        operand = self.expression()
        if not isinstance(operand, Constant):
            return syntax.Conversion(function, operand)
        return Constant(self._read(function, operand.value, at))

    def _read(self, function: str, text: Value, at: Token) -> Value:
        if isinstance(text, str):
            for reader in READERS[function]:
                if (value := reader(text)) is not None:
                    return value
        return self._refuse(f"{text} 不是日期或时长", f"{text} is no date or duration", at)
