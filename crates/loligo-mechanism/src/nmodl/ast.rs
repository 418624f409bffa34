//! A mechanism file as it was written: declarations, statements, expressions, each with its place.
//!
//! Two trees are equal if they say the same; where it stands in the text does not count.

use std::collections::BTreeMap;

use super::diagnostics::Span;
pub use crate::mechanism::Placement;

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// What follows TITLE.
    pub title: String,
    /// The NEURON block.
    pub interface: Interface,
    /// UNITS: the units that it names.
    pub units: Vec<UnitDefinition>,
    /// Numbers with names: from UNITS, CONSTANT and DEFINE.
    pub constants: Vec<Constant>,
    /// PARAMETER.
    pub parameters: Vec<Parameter>,
    /// STATE.
    pub states: Vec<State>,
    /// ASSIGNED.
    pub assigned: Vec<Assigned>,
    /// LOCAL outside of any block.
    pub file_locals: Vec<Name>,
    /// Arrays, in order of their names.
    pub arrays: Vec<Array>,
    /// C code outside of blocks, which declares what C code in blocks uses.
    pub declarations_in_c: Vec<Code>,
    /// CONSTRUCTOR and DESTRUCTOR blocks of C code.
    pub lifetimes: Vec<Lifetime>,
    /// INITIAL.
    pub initial: Option<Block>,
    /// BEFORE and AFTER, by the moment that they name; several of one moment are one.
    pub moments: BTreeMap<Moment, Timed>,
    /// BREAKPOINT.
    pub breakpoint: Option<Block>,
    /// DERIVATIVE, KINETIC, LINEAR and NONLINEAR blocks.
    pub derivatives: Vec<Derivative>,
    /// FUNCTION, PROCEDURE and DISCRETE blocks, and FUNCTION_TABLE.
    pub routines: Vec<Routine>,
    /// NET_RECEIVE.
    pub receive: Option<Receive>,
}

/// A name where it is written.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name; that of an element of an array, where it is declared, has its index: `ca[0]`.
    pub text: String,
    /// Where it is.
    pub span: Span,
    /// Which element of an array is meant.
    pub index: Option<Box<Expression>>,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.index == other.index
    }
}

/// A STATE, PARAMETER, ASSIGNED or LOCAL array; its elements are also declared, each by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its name.
    pub name: Name,
    /// Its elements: `ca[0]`, `ca[1]`, …
    pub elements: Vec<Name>,
}

/// The NEURON block: how the mechanism shows itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interface {
    /// SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL.
    pub suffix: Option<Name>,
    /// Which of the three.
    pub placement: Placement,
    /// USEION.
    pub ions: Vec<Ion>,
    /// NONSPECIFIC_CURRENT.
    pub nonspecific: Vec<Name>,
    /// ELECTRODE_CURRENT.
    pub electrode: Vec<Name>,
    /// POINTER: numbers that belong to someone else.
    pub pointers: Vec<Name>,
    /// EXTERNAL: numbers that belong to another mechanism.
    pub external: Vec<Name>,
    /// BBCOREPOINTER: handles of random streams of C's, which are not numbers.
    pub handles: Vec<Name>,
    /// RANDOM: the same of NMODL's.
    pub random: Vec<Name>,
    /// RANGE.
    pub range: Vec<Name>,
    /// GLOBAL.
    pub global: Vec<Name>,
}

/// USEION.
#[derive(Clone, Debug, PartialEq)]
pub struct Ion {
    /// The ion: `na`, `k`, `ca`, …
    pub name: Name,
    /// READ.
    pub reads: Vec<Name>,
    /// WRITE.
    pub writes: Vec<Name>,
    /// VALENCE.
    pub valence: Option<i32>,
}

/// (mM) = (milli/liter)
#[derive(Clone, Debug, PartialEq)]
pub struct UnitDefinition {
    /// What the unit is called.
    pub name: String,
    /// What it is.
    pub units: String,
}

/// A name with a fixed value: from CONSTANT, DEFINE, or UNITS.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: f64,
    /// Units as written.
    pub units: String,
    /// How it is declared.
    pub declaration: ConstantDeclaration,
}

/// How a constant is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstantDeclaration {
    /// In CONSTANT.
    Constant,
    /// By DEFINE.
    Define,
    /// In UNITS, as a number.
    Number,
    /// In UNITS, as a constant of nature: `(faraday)`.
    Nature(String),
}

/// An entry of PARAMETER.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// The default, if one is written.
    pub default: Option<f64>,
    /// Units as written, `""` if none.
    pub units: String,
    /// `<lowest, highest>`.
    pub limits: Option<(f64, f64)>,
}

/// An entry of STATE. (FROM … TO, which only bounds a slider of NEURON's, is checked and dropped.)
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its name.
    pub name: Name,
    /// Units as written, `""` if none.
    pub units: String,
    /// START.
    pub start: Option<f64>,
}

/// An entry of ASSIGNED.
#[derive(Clone, Debug, PartialEq)]
pub struct Assigned {
    /// Its name.
    pub name: Name,
    /// Units as written, `""` if none.
    pub units: String,
}

/// A block that says how states change, or what they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivative {
    /// Its name, which SOLVE refers to.
    pub name: Name,
    /// Which block.
    pub kind: DerivativeKind,
    /// The states that it is solved for, if it says so (SOLVEFOR).
    pub unknowns: Vec<Name>,
    /// Its statements.
    pub body: Block,
}

/// Which block says how states change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerivativeKind {
    /// DERIVATIVE: their rates.
    Rates,
    /// KINETIC: reactions among them.
    Kinetic,
    /// LINEAR: equations that they satisfy.
    Linear,
    /// NONLINEAR: the same.
    Nonlinear,
}

/// What stands between VERBATIM and ENDVERBATIM.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code, with the blanks around it.
    pub text: String,
    /// Where it is.
    pub span: Span,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// CONSTRUCTOR or DESTRUCTOR: what NEURON does when a mechanism is made or destroyed, which is no part
/// of a model.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// Which of the two.
    pub keyword: String,
    /// Where it is.
    pub span: Span,
    /// C code.
    pub body: Block,
}

impl PartialEq for Lifetime {
    fn eq(&self, other: &Self) -> bool {
        self.keyword == other.keyword && self.body == other.body
    }
}

/// A moment of a run at which statements are asked for, for all mechanisms in one sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// BEFORE INITIAL: before any mechanism starts.
    BeforeInitial,
    /// AFTER INITIAL: once all have started.
    AfterInitial,
    /// BEFORE BREAKPOINT: before any current is taken.
    BeforeBreakpoint,
    /// AFTER SOLVE: once all states are stepped.
    AfterSolve,
    /// BEFORE STEP: before anything is recorded.
    BeforeStep,
}

impl Moment {
    /// Every moment, in the order in which a run first comes to them.
    pub const ALL: [Moment; 5] = [
        Moment::BeforeInitial,
        Moment::AfterInitial,
        Moment::BeforeBreakpoint,
        Moment::AfterSolve,
        Moment::BeforeStep,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Moment::BeforeInitial => "BEFORE INITIAL",
            Moment::AfterInitial => "AFTER INITIAL",
            Moment::BeforeBreakpoint => "BEFORE BREAKPOINT",
            Moment::AfterSolve => "AFTER SOLVE",
            Moment::BeforeStep => "BEFORE STEP",
        }
    }
}

/// A BEFORE or AFTER block.
#[derive(Clone, Debug)]
pub struct Timed {
    /// Where the first one says which it is.
    pub span: Span,
    /// Its statements.
    pub body: Block,
}

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body
    }
}

/// NET_RECEIVE: what an event does.
#[derive(Clone, Debug)]
pub struct Receive {
    /// Where it is.
    pub span: Span,
    /// What each connection brings: its weight, and more.
    pub arguments: Vec<Argument>,
    /// Its statements.
    pub body: Block,
}

impl PartialEq for Receive {
    fn eq(&self, other: &Self) -> bool {
        self.arguments == other.arguments && self.body == other.body
    }
}

/// A FUNCTION or PROCEDURE.
#[derive(Clone, Debug, PartialEq)]
pub struct Routine {
    /// Its name.
    pub name: Name,
    /// Which of the two.
    pub kind: RoutineKind,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Units of its value as written, `""` if none.
    pub units: String,
    /// Its statements.
    pub body: Block,
}

/// An argument of a FUNCTION, of a PROCEDURE, or of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: Name,
    /// Units as written, `""` if none.
    pub units: String,
}

/// Whether a routine has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutineKind {
    /// It has.
    Function,
    /// It has not.
    Procedure,
    /// It has, by a table that is given with the mechanism (FUNCTION_TABLE).
    Table,
}

/// Statements between braces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// In order.
    pub statements: Vec<Statement>,
}

/// A statement where it is written.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where it is.
    pub span: Span,
    /// Whether UNITSOFF holds where it starts: nobody asks for its units.
    pub units_off: bool,
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.units_off == other.units_off
    }
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// LOCAL a, b
    Local(Vec<Name>),
    /// a = …
    Assign(Name, Expression),
    /// a' = …
    Evolve(Name, Expression),
    /// a(…)
    Call(Call),
    /// IF (…) { } ELSE { }
    If {
        /// Taken if not 0.
        condition: Expression,
        /// The first block.
        then: Block,
        /// The block of ELSE, empty if there is none.
        otherwise: Block,
    },
    /// FROM i = a TO b BY c { }
    Loop {
        /// What counts.
        counter: Name,
        /// Its first value.
        from: Expression,
        /// Its last value.
        to: Expression,
        /// By how much it grows, 1 if not said.
        by: Option<Expression>,
        /// What is repeated.
        body: Block,
    },
    /// WHILE (…) { }
    While {
        /// Repeated as long as it is not 0.
        condition: Expression,
        /// What is repeated.
        body: Block,
    },
    /// SOLVE a METHOD b, or SOLVE a STEADYSTATE b
    Solve {
        /// The block that is solved.
        block: Name,
        /// How.
        method: Option<Name>,
        /// Whether it is solved for its steady state.
        steady: bool,
    },
    /// ~ a + b <-> c (forward, backward)
    Reaction(Reaction),
    /// ~ a = b
    Equation(Expression, Expression),
    /// CONSERVE a + 2 b = total
    Conserve {
        /// What is added up.
        terms: Vec<Term>,
        /// What it adds up to.
        total: Expression,
    },
    /// COMPARTMENT volume { a b }, or COMPARTMENT i, `volume[i]` { a b } for arrays
    Compartment {
        /// What counts the elements of arrays.
        counter: Option<Name>,
        /// The volume.
        volume: Expression,
        /// The states that are concentrations in it.
        states: Vec<Name>,
    },
    /// LONGITUDINAL_DIFFUSION conductivity { a b }, or i, `conductivity[i]` { a b } for arrays
    Diffusion {
        /// What counts the elements of arrays.
        counter: Option<Name>,
        /// Diffusion constant times cross section.
        conductivity: Expression,
        /// What diffuses.
        states: Vec<Name>,
    },
    /// INITIAL { } of NET_RECEIVE: what arguments of a connection start as.
    Initial(Block),
    /// WATCH (a > b) flag
    Watch {
        /// What becomes true.
        condition: Expression,
        /// What the event is called.
        flag: Expression,
    },
    /// FOR_NETCONS (a, b) { }
    ForConnections {
        /// What the connection's arguments are called.
        arguments: Vec<Argument>,
        /// What is done with each.
        body: Block,
    },
    /// `return;` of C: what follows in the routine or block is not run.
    Return,
    /// `break;` of C: leaves the innermost loop.
    Break,
    /// C code, the last, that draws a random number for a FUNCTION, or for a variable that it
    /// declares.
    Draw(Name, Distribution, String),
    /// Other C code, which only routines that nothing calls may have.
    Verbatim(String),
    /// TABLE: the names in it are checked; the values are computed exactly, so nothing is stored.
    Table(Table),
    /// CONDUCTANCE a USEION b: the name is checked; slopes come from the expressions themselves.
    Conductance {
        /// The conductance.
        name: Name,
        /// The ion that it lets through, if one is named.
        ion: Option<Name>,
    },
    /// { … }
    Block(Block),
}

/// TABLE a DEPEND b FROM c TO d WITH e
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What would be tabulated.
    pub names: Vec<Name>,
    /// What a change of would make it anew.
    pub depends: Vec<Name>,
    /// Where it would start.
    pub from: Expression,
    /// Where it would end.
    pub to: Expression,
    /// In how many intervals: a number, or a name that DEFINE gave one.
    pub intervals: Expression,
}

/// How a random number is distributed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Distribution {
    /// Evenly between 0 and 1.
    Uniform,
    /// With mean 0 and standard deviation 1.
    Normal,
    /// As a waiting time of mean 1.
    Exponential,
}

/// A line of a KINETIC block.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// What reacts.
    pub left: Vec<Term>,
    /// What comes of it, nothing for a flux.
    pub right: Vec<Term>,
    /// How fast.
    pub rates: Rates,
}

/// How many of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// How many.
    pub count: f64,
    /// Of what.
    pub name: Name,
}

/// How fast a reaction goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Rates {
    /// <-> with a rate each way.
    BothWays(Expression, Expression),
    /// -> with one.
    OneWay(Expression),
    /// << a flux into what stands left of it.
    Into(Expression),
}

/// name(argument, …)
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub name: Name,
    /// With what.
    pub arguments: Vec<Expression>,
}

/// An expression where it is written.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it is.
    pub span: Span,
    /// How many levels it has, which bounds every recursion over it.
    pub(crate) height: usize,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A literal. (Its unit, if any, is not part of its value.)
    Number(f64, Measure),
    /// A variable.
    Variable(Name),
    /// A function's value.
    Call(Call),
    /// −a or !a
    Unary(UnaryOperator, Box<Expression>),
    /// a ∘ b
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
}

/// What a literal is a number of, as far as the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// `5`: nothing is said.
    Bare,
    /// `5 (mV)`
    Unit(String),
    /// `(1e-3)`, alone in parentheses: a factor between units of the same quantity.
    Conversion,
}

/// Signs before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// −
    Negate,
    /// !
    Not,
}

/// Signs between operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// ||
    Or,
    /// &&
    And,
    /// <
    Less,
    /// <=
    LessEqual,
    /// >
    Greater,
    /// >=
    GreaterEqual,
    /// ==
    Equal,
    /// !=
    NotEqual,
    /// +
    Add,
    /// −
    Subtract,
    /// *
    Multiply,
    /// /
    Divide,
    /// ^
    Power,
}
