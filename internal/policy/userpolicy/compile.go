// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/expression"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of one evaluation: steps as CEL counts them, and loops in loops. An
// expression without a loop takes no more steps than it is long.
const (
	maxCost    = 100_000
	maxNesting = 1
	maxRegex   = 1000
)

// compiler makes conditions of expressions.
type compiler struct {
	env   *cel.Env
	table *table
}

// table finds fields.
type table struct {
	types.Provider
	objects map[string]map[string]*field // by the name of the type, then of the field
	names   map[string]*field            // variables
	kinds   map[string]*types.FieldType  // by "type.field"
}

func newTable(standard types.Provider) *table {
	t := &table{Provider: standard, objects: map[string]map[string]*field{}, names: map[string]*field{}, kinds: map[string]*types.FieldType{}}
	all := fields()
	for i := range all {
		f := &all[i]
		if f.of == "" {
			t.names[f.name] = f
			continue
		}
		name := object(f.of).celType().TypeName()
		if t.objects[name] == nil {
			t.objects[name] = map[string]*field{}
		}
		t.objects[name][f.name] = f
		t.kinds[name+"."+f.name] = &types.FieldType{
			Type: f.kind,
			IsSet: func(v any) bool {
				c, ok := v.(*policy.Case)
				if !ok {
					return false
				}
				got, err := f.get(c)
				return err == nil && !empty(got)
			},
			GetFrom: func(v any) (any, error) {
				c, ok := v.(*policy.Case)
				if !ok {
					return nil, message.Errorf("%s is asked of another object", f.path())
				}
				return f.get(c)
			},
		}
	}
	return t
}

// empty says whether has() calls a known value absent.
func empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case map[string]string:
		return len(v) == 0
	case *thing:
		switch v.kind.TypeName() {
		case object("finding_package").celType().TypeName():
			return v.c.Finding.Package == nil
		case object("finding_exception").celType().TypeName():
			return v.c.Finding.Suppressed == nil
		case object("finding_risk").celType().TypeName():
			return v.c.Finding.Risk == nil
		}
	}
	return false
}

func (t *table) FindStructType(name string) (*types.Type, bool) {
	if name == severityType.TypeName() {
		return types.NewTypeTypeWithParam(severityType), true
	}
	if t.objects[name] != nil {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return t.Provider.FindStructType(name)
}

func (t *table) FindStructFieldNames(name string) ([]string, bool) {
	if fs := t.objects[name]; fs != nil {
		return keys(fs), true
	}
	return t.Provider.FindStructFieldNames(name)
}

func (t *table) FindStructFieldType(name, of string) (*types.FieldType, bool) {
	if f, ok := t.kinds[name+"."+of]; ok {
		return f, true
	}
	return t.Provider.FindStructFieldType(name, of)
}

// shared is made when the first policy is read, and never changed.
var shared = sync.OnceValues(newCompiler)

func newCompiler() (*compiler, error) {
	standard, err := types.NewRegistry()
	if err != nil {
		return nil, message.Errorf("prepare the conditions of policies: %w", err)
	}
	t := newTable(standard)
	opts := append(expression.Bounds(),
		cel.CustomTypeProvider(t), cel.CustomTypeAdapter(standard), cel.CrossTypeNumericComparisons(true), cel.Macros(age()),
		cel.Function("severity", cel.Overload("severity_of_text", []*cel.Type{cel.StringType}, severityType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			s, err := sekisho.ParseSeverity(fmt.Sprint(v.Value()))
			if err != nil {
				return types.WrapErr(err)
			}
			return severity(s)
		}))),
		cel.ASTValidators(
			cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals(), cel.ValidateHomogeneousAggregateLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting), cel.ValidateRegexProgramSizeLimit(maxRegex), wordsValidator{t}, constantValidator{},
		),
	)
	for _, op := range []string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals} {
		opts = append(opts, cel.Function(op, cel.Overload("severity"+op, []*cel.Type{severityType, severityType}, cel.BoolType)))
	}
	for _, name := range keys(t.names) {
		opts = append(opts, cel.Variable(name, t.names[name].kind))
	}
	env, err := cel.NewCustomEnv(append([]cel.EnvOption{cel.StdLib(), cel.OptionalTypes()}, opts...)...)
	if err != nil {
		return nil, message.Errorf("prepare the conditions of policies: %w", err)
	}
	return &compiler{env, t}, nil
}

// age(t) is now - t: how long ago something was when the report was made.
func age() cel.Macro {
	return cel.GlobalMacro("age", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		return f.NewCall(operators.Subtract, f.NewIdent("now"), args[0]), nil
	})
}

// condition is a compiled expression, and what it reads.
type condition struct {
	program cel.Program
	names   map[string]*field
	// subject, and whether it reads of the image or of suppressed findings.
	subject           policy.Subject
	image, suppressed bool
	// stated: it names what is built in, and is asked of what that suppressed too.
	stated bool
}

// Holds evaluates the expression over the case.
func (c *condition) Holds(at *policy.Case) (bool, error) {
	v, _, err := c.program.Eval(&variables{c.names, at})
	if err != nil {
		if nk, ok := errors.AsType[*policy.NotKnownError](err); ok {
			return false, nk
		}
		return false, message.Errorf("the condition has no answer: %w", err)
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, message.New("the condition has no answer: it is not true or false")
	}
	return bool(b), nil
}

// compile checks an expression and says what it reads.
func (c *compiler) compile(n *document.Node) (*condition, []expression.Mistake) {
	mistaken := func(cause error) []expression.Mistake {
		return []expression.Mistake{{Line: n.Line, Column: n.Column, Text: cause.Error(), Cause: cause}}
	}
	checked, mistakes := expression.Compile(c.env, n)
	if checked == nil {
		for i := range mistakes {
			if better := c.hint(mistakes[i].Text); better != nil {
				mistakes[i].Text, mistakes[i].Cause = better.Error(), better
			}
		}
		return nil, mistakes
	}
	if t := checked.OutputType(); !t.IsExactType(cel.BoolType) {
		return nil, mistaken(message.Errorf("the condition gives %s and not true or false", t))
	}
	out := &condition{names: c.table.names, subject: policy.OfResult}
	loops := false
	reads := map[string]bool{}
	for _, e := range ast.MatchDescendants(ast.NavigateAST(checked.NativeRep()), func(ast.NavigableExpr) bool { return true }) {
		switch e.Kind() {
		case ast.IdentKind:
			reads[e.AsIdent()] = true
		case ast.ComprehensionKind:
			loops = true
		case ast.SelectKind:
			s := e.AsSelect()
			if s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "finding" && s.FieldName() == "inert" {
				out.suppressed, out.stated = true, true
			}
			if s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "finding" && (s.FieldName() == "suppressed" || s.FieldName() == "exception") {
				out.suppressed = true
			}
		case ast.CallKind, ast.ListKind, ast.LiteralKind, ast.MapKind, ast.StructKind, ast.UnspecifiedExprKind:
		}
	}
	switch {
	case reads["finding"]:
		out.subject = policy.OfFindings
	case reads["pkg"]:
		out.subject = policy.OfPackages
	}
	out.image = reads["image"]
	opts := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if loops { // counting the steps costs more than most conditions do
		opts = append(opts, cel.CostLimit(maxCost))
	}
	p, err := c.env.Program(checked, opts...)
	if err != nil {
		return nil, mistaken(err)
	}
	out.program = p
	return out, nil
}

// hint says more of some mistakes, with the nearest field of one about a field that
// is not there; nil of others.
func (c *compiler) hint(text string) error {
	if text == "reserved identifier: package" {
		return message.New("the package is called pkg: package is a word of the language")
	}
	name, ok := strings.CutPrefix(text, "undefined field '")
	if !ok {
		return nil
	}
	name = strings.TrimSuffix(name, "'")
	best, at := "", 3
	for _, object := range keys(c.table.objects) {
		of := c.table.objects[object]
		if f := of[name]; f != nil {
			return message.Errorf("there is no field %q here, but %s", name, f.path())
		}
		for _, f := range keys(of) {
			if d := distance(f, name); d < at || d == at && f < best {
				best, at = f, d
			}
		}
	}
	if best == "" {
		return message.Errorf("there is no field %q", name)
	}
	return message.Errorf("there is no field %q, did you mean %q?", name, best)
}

// distance is how many letters differ.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := before
			if a[i] != b[j] {
				d++
			}
			before = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// wordsValidator finds comparisons with a word that a field never has: the rule
// would say nothing for ever.
type wordsValidator struct{ table *table }

// Name of the validator.
func (wordsValidator) Name() string { return "sekisho.words" }

// Validate looks at every comparison.
func (v wordsValidator) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	for _, op := range []string{operators.Equals, operators.NotEquals, operators.In} {
		for _, call := range ast.MatchDescendants(ast.NavigateAST(a), ast.FunctionMatcher(op)) {
			args := call.AsCall().Args()
			if len(args) != 2 {
				continue
			}
			v.compare(a, args[0], args[1], issues)
			if op != operators.In {
				v.compare(a, args[1], args[0], issues)
			}
		}
	}
}

func (v wordsValidator) compare(a *ast.AST, x, y ast.Expr, issues *cel.Issues) {
	if x.Kind() != ast.SelectKind {
		return
	}
	s := x.AsSelect()
	f := v.table.objects[a.GetType(s.Operand().ID()).TypeName()][s.FieldName()]
	if f == nil || f.words == nil {
		return
	}
	values := []ast.Expr{y}
	if y.Kind() == ast.ListKind {
		values = y.AsList().Elements()
	}
	for _, e := range values {
		if e.Kind() != ast.LiteralKind {
			continue
		}
		if word, ok := e.AsLiteral().Value().(string); ok && !slices.Contains(f.words, word) {
			issues.ReportErrorAtID(e.ID(), "%s is never %q: %s", f.path(), word, strings.Join(f.words, ", "))
		}
	}
}

// constantValidator wants the severities that are compared with to be written out.
type constantValidator struct{}

// Name of the validator.
func (constantValidator) Name() string { return "sekisho.severity" }

// Validate looks at every severity().
func (constantValidator) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	for _, call := range ast.MatchDescendants(ast.NavigateAST(a), ast.FunctionMatcher("severity")) {
		for _, arg := range call.AsCall().Args() {
			if arg.Kind() != ast.LiteralKind {
				issues.ReportErrorAtID(arg.ID(), "severity() takes one word in quotes")
				continue
			}
			if _, err := sekisho.ParseSeverity(fmt.Sprint(arg.AsLiteral().Value())); err != nil {
				issues.ReportErrorAtID(arg.ID(), "%v", err)
			}
		}
	}
}
