"""Formulas of distances as model files have them, read without running them: `math.exp({distance}*0.0031)*{value}`.

A formula is a Python expression of numbers, names in braces, operators, comparisons and functions of `math`; what it
may hold is listed here, and everything else is refused before anything is computed.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from loligo.errors import ModelFileError, did_you_mean

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.BitAnd: lambda a, b: bool(a) and bool(b),
    ast.BitOr: lambda a, b: bool(a) or bool(b),
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

_MATH = "exp expm1 log log10 log1p log2 sqrt pow fabs floor ceil sin cos tan asin acos atan atan2 sinh cosh tanh erf"
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in _MATH.split()},
    **{"abs": abs, "min": min, "max": max, "int": math.trunc, "float": float},
}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_MODULES = ("math", "numpy", "np")


class Formula:
    """A formula of names in braces.

    Args:
        text: As the file has it.
        where: The file and what in it, for messages.

    Raises:
        ModelFileError: It is not a formula of the kind that is described above; the message says what of it is not.

    >>> Formula("{value} * (1 + math.exp(-{distance} / 100))", "here")({"value": 2.0, "distance": 0.0})
    4.0
    >>> Formula("__import__('os').system('ls')", "here")
    Traceback (most recent call last):
    loligo.errors.ModelFileError: here: the formula "__import__('os').system('ls')" calls `__import__('os').system`, ...
    """

    def __init__(self, text: str, where: str) -> None:
        self.names: list[str] = re.findall(r"\{(\w+)\}", text)
        self._text, self._where = text, where
        try:
            parsed = ast.parse(re.sub(r"\{(\w+)\}", r"(\1)", text).strip(), mode="eval")
            self._value = self._compiled(parsed.body)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, ModelFileError):
                raise
            raise self._refused(f"cannot be read: {error}") from error

    def __call__(self, values: Mapping[str, float]) -> float:
        """The value for numbers by their names.

        Raises:
            ModelFileError: It has none: a division by zero, a logarithm of a negative number.
        """
        try:
            value = float(self._value(values))
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self._refused(f"has no value at {dict(values)}: {error}") from error
        if not math.isfinite(value):
            raise self._refused(f"is {value} at {dict(values)}")
        return value

    def _refused(self, why: str) -> ModelFileError:
        return ModelFileError(f"{self._where}: the formula {self._text!r} {why}")

    def _compiled(self, node: ast.expr) -> Callable[[Mapping[str, float]], Any]:
        """What computes a part of it."""
        match node:
            case ast.Constant(value=bool() | int() | float() as number):
                # whole numbers of Python have no largest one
                constant = float(number)
                return lambda _: constant
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in _MODULES and name in _CONSTANTS:
                constant = _CONSTANTS[name]
                return lambda _: constant
            case ast.UnaryOp(op=op, operand=operand):
                return self._applied(op, [operand])
            case ast.BinOp(left=left, op=op, right=right):
                return self._applied(op, [left, right])
            case ast.BoolOp(op=op, values=parts):
                compiled = [self._compiled(part) for part in parts]
                among = all if isinstance(op, ast.And) else any
                return lambda values: among(part(values) for part in compiled)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                sides = [left, *rights]
                pairs = [self._applied(op, sides[index : index + 2]) for index, op in enumerate(ops)]
                return lambda values: all(pair(values) for pair in pairs)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                asked, yes, no = (self._compiled(part) for part in (test, body, otherwise))
                return lambda values: yes(values) if asked(values) else no(values)
            case ast.Call(func=function, args=arguments, keywords=[]):
                called = self._function(function)
                compiled = [self._compiled(argument) for argument in arguments]
                return lambda values: called(*(argument(values) for argument in compiled))
        raise self._refused(f"holds `{ast.unparse(node)}`, expected numbers, operators and functions of math")

    def _named(self, name: str) -> Callable[[Mapping[str, float]], Any]:
        if name in self.names:
            return lambda values: values[name]
        raise self._refused(f"has the name `{name}`{did_you_mean(name, self.names)}; names stand in braces")

    def _applied(self, op: ast.AST, operands: list[ast.expr]) -> Callable[[Mapping[str, float]], Any]:
        if type(op) not in _OPERATORS:
            raise self._refused(f"has the operator {type(op).__name__}, which there is not")
        function = _OPERATORS[type(op)]
        compiled = [self._compiled(operand) for operand in operands]
        return lambda values: function(*(operand(values) for operand in compiled))

    def _function(self, node: ast.expr) -> Callable[..., Any]:
        match node:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="math" | "numpy" | "np"), attr=name):
                if name in _FUNCTIONS:
                    return _FUNCTIONS[name]
                raise self._refused(f"calls `{name}`, which there is not{did_you_mean(name, _FUNCTIONS)}")
        raise self._refused(f"calls `{ast.unparse(node)}`, expected a function of math")
