// SPDX-License-Identifier: Apache-2.0

package requirement

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// show writes ranges as intervals: "[1,2) [3,4]".
func show(ranges []sekisho.Range) string {
	var out []string
	for _, r := range ranges {
		s := "[" + r.Introduced + "," + r.Fixed
		if r.LastAffected != "" {
			s += r.LastAffected + "]"
		} else {
			s += ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestRequirements(t *testing.T) {
	for _, c := range []struct {
		dialect *Dialect
		text    string
		want    string
	}{
		{Cargo, "1.2.3", "[1.2.3,2.0.0-0)"},
		{Cargo, "^0.2.3", "[0.2.3,0.3.0-0)"},
		{Cargo, "^ 0.0.3", "[0.0.3,0.0.4-0)"},
		{Cargo, "^0.0", "[0.0.0,0.1.0-0)"},
		{Cargo, "^0", "[0.0.0,1.0.0-0)"},
		{Cargo, "~1.2.3", "[1.2.3,1.3.0-0)"},
		{Cargo, "~1", "[1.0.0,2.0.0-0)"},
		{Cargo, "= 1.2", "[1.2.0,1.3.0-0)"},
		{Cargo, "=1.2.3", "[1.2.3,1.2.3]"},
		{Cargo, "> 1", "[2.0.0,)"},
		{Cargo, "> 1.2.3", "[1.2.4-0,)"},
		{Cargo, "> 1.2.3-rc.1", "[1.2.3-rc.1.0,)"},
		{Cargo, ">= 1.2.3, < 1.3.0-alpha.1", "[1.2.3,1.3.0-alpha.1)"},
		{Cargo, "< 1.3.0, >= 1.2.3", "[1.2.3,1.3.0)"},
		{Cargo, "<= 1.2", "[,1.3.0-0)"},
		{Cargo, "< 1.2", "[,1.2.0)"},
		{Cargo, ">= 1.2.3 ", "[1.2.3,)"},
		{NPM, "8.x || 9.x", "[8.0.0-0,10.0.0-0)"},
		{NPM, "^8.9.3 || ^9.2.1", "[8.9.3,9.0.0-0) [9.2.1,10.0.0-0)"},
		{NPM, "1.2.3", "[1.2.3,1.2.3]"},
		{NPM, "=v1.2.3", "[1.2.3,1.2.3]"},
		{NPM, "<=v1.2.3-alpha1", "[,1.2.3-alpha1]"},
		{NPM, ">= 1.x", "[1.0.0-0,)"},
		{NPM, "<1.2", "[,1.2.0-0)"},
		{NPM, "<= 1.2", "[,1.3.0-0)"},
		{NPM, ">1.2", "[1.3.0-0,)"},
		{NPM, "~1.2.3-pre", "[1.2.3-pre,1.3.0-0)"},
		{NPM, ">=1.0.0 < 1.2.9|| >=2.0.0", "[1.0.0,1.2.9) [2.0.0,)"},
		{NPM, "1.2.x || 1.3.x", "[1.2.0-0,1.4.0-0)"},
		{NPM, "*", ""},
		{Cargo, ">= *", ""},
		{Hex, "~> 2.1", "[2.1.0,3.0.0-0)"},
		{Hex, "~> 2.1.3", "[2.1.3,2.2.0-0)"},
		{Hex, ">= 1.0.0, <= 1.2.0-pre9", "[1.0.0,1.2.0-pre9]"},
		{Hex, ">= 1.0.0 and < 1.2.0 or == 1.4.0", "[1.0.0,1.2.0) [1.4.0,1.4.0]"},
		{Gem, "~> 5.2.4.3", "[5.2.4.3,5.2.5.A)"},
		{Gem, "~> 5.2.4, >= 5.2.4.3", "[5.2.4.3,5.3.A)"},
		{Gem, "~> 1", "[1,2.A)"},
		{Gem, "~> 2.0.0.rc1", "[2.0.0.rc1,2.1.A)"},
		{Gem, "~> 2.0.0beta2", "[2.0.0beta2,2.1.A)"},
		{Gem, ">= 1.9.3-rc", "[1.9.3.pre.rc,)"},
		{Gem, "> 1.2.3", "[1.2.3.0.1,)"},
		{Gem, "= 1.2.3", "[1.2.3,1.2.3]"},
		{Gem, "!= 1.2.3", "[,1.2.3) [1.2.3.0.1,)"},
		{Composer, ">=2.0 <2.1.4-p2", "[2.0,2.1.4-p2)"},
		{Composer, ">=2.0.0-beta1,<=2.1", "[2.0.0-beta1,2.1]"},
		{Composer, "<3.0 || >=3.0.0,<3.12.0", "[,3.12.0)"},
		{Composer, "<3.0-beta1 || >=3.0.0-beta1,<3.12", "[,3.12)"},
		{Composer, "<3.0 || >=3.0.0.1", "[,3.0) [3.0.0.1,)"},
	} {
		s, err := c.dialect.Parse(c.text)
		if err != nil {
			t.Errorf("%s %q: %v", c.dialect.name, c.text, err)
			continue
		}
		if got := show(s.Ranges()); got != c.want {
			t.Errorf("%s %q is %s, want %s", c.dialect.name, c.text, got, c.want)
		}
	}
}

func TestNotRequirements(t *testing.T) {
	for _, d := range []*Dialect{Cargo, NPM, Hex, Gem, Composer} {
		for _, text := range []string{
			"", " ", ">=", ">= ", "||", "1.2.3 ||", "|| 1.2.3", ">>1", "latest", ">= 1.0, oops", "1.2.3 - 1.4.0", "1..2", "1.2.3-", "!x", "!1", "!1.2.3",
			">= 1.0.0" + strings.Repeat(" ", maxText), "\xff", "and", "1.2.3 and", "~>", "=<1.2.3",
		} {
			if s, err := d.Parse(text); !errors.Is(err, ErrSyntax) {
				t.Errorf("%s %q is %s, %v", d.name, text, show(s.Ranges()), err)
			}
		}
	}
	for d, text := range map[*Dialect]string{Cargo: "1.2.3.4", NPM: ">= 99999999999999999999.x", Hex: ">= 1.x", Gem: "^1.2", Composer: "~1.2"} {
		if _, err := d.Parse(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s %q: %v", d.name, text, err)
		}
	}
}

func TestAffected(t *testing.T) {
	for _, c := range []struct {
		dialect             *Dialect
		patched, unaffected []string
		want                string
		empty               bool
	}{
		{Cargo, []string{">= 1.2.3, < 1.3.0", ">= 1.3.2"}, []string{"< 1.0.0"}, "[1.0.0,1.2.3) [1.3.0,1.3.2)", false},
		{Cargo, []string{"> 1.2.3"}, []string{"<= 1.0.0"}, "[1.0.1-0,1.2.3]", false},
		{Cargo, []string{"^1.2.3", ">= 2.0.0-alpha.2"}, nil, "[,1.2.3) [2.0.0-0,2.0.0-alpha.2)", false},
		{Cargo, nil, nil, "", false},
		{Cargo, []string{">= 1.0.0"}, []string{"< 1.0.0"}, "", true},
		{Gem, []string{"~> 5.2.4.3", ">= 6.0.3.1"}, nil, "[,5.2.4.3) [5.2.5.A,6.0.3.1)", false},
		{Gem, []string{"= 1.2.0"}, nil, "[,1.2.0) [1.2.0.0.1,)", false},
	} {
		p, err := c.dialect.Parse(c.patched...)
		if err != nil {
			t.Fatal(err)
		}
		u, err := c.dialect.Parse(c.unaffected...)
		if err != nil {
			t.Fatal(err)
		}
		s := p.Or(u).Not()
		if got := show(s.Ranges()); got != c.want || s.Empty() != c.empty {
			t.Errorf("%v %v affect %s (%v), want %s", c.patched, c.unaffected, got, s.Empty(), c.want)
		}
	}
}

func TestFixed(t *testing.T) {
	for _, c := range []struct{ affected, patched, want string }{
		{"<=1.0.0", ">=1.0.1", "[,1.0.1)"},
		{"<=1.0.0", "<0.0.0", "[,1.0.0]"},
		{"<=1.0.0", ">0.5.0", "[,1.0.0]"},
		{"<=1.0.0 || >=2.0.0 <=2.1.0", ">=1.0.1 <2.0.0 || >=2.1.5", "[,1.0.1) [2.0.0,2.1.5)"},
		{"<=1.0.0 || >=2.0.0 <=2.1.0", ">=2.1.5", "[,1.0.0] [2.0.0,2.1.5)"},
		{"*", ">=2.1.5", ""},
	} {
		a, err := NPM.Parse(c.affected)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NPM.Parse(c.patched)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(a.Fixed(p)); got != c.want {
			t.Errorf("%s fixed by %s is %s, want %s", c.affected, c.patched, got, c.want)
		}
	}
}

// point is a version that the property tests compare without a parser: three
// numbers, and a pre-release or none (0 is none).
type point struct{ n, pre int }

func (p point) less(q point) bool {
	if p.n != q.n {
		return p.n < q.n
	}
	return p.pre != q.pre && p.pre != 0 && (q.pre == 0 || p.pre < q.pre)
}

func (p point) String() string {
	s := fmt.Sprintf("%d.%d.%d", p.n/100, p.n/10%10, p.n%10)
	if p.pre != 0 {
		s += "-rc." + strconv.Itoa(p.pre)
	}
	return s
}

func randomPoint(r *rand.Rand) point {
	p := point{n: r.IntN(3)*100 + r.IntN(3)*10 + r.IntN(3)}
	if r.IntN(3) == 0 {
		p.pre = 1 + r.IntN(2)
	}
	return p
}

// naive says whether v meets an operator and a version, each by its definition.
func naive(op string, x, v point) bool {
	eq := v == x
	switch op {
	case "<":
		return v.less(x)
	case "<=":
		return v.less(x) || eq
	case ">":
		return x.less(v)
	case ">=":
		return x.less(v) || eq
	case "=":
		return eq
	}
	// The others end before the pre-releases of a version: compare the numbers.
	step := 1
	switch {
	case op == "^" && x.n >= 100:
		step = 100
	case op == "~", op == "~>", op == "^" && x.n >= 10:
		step = 10
	}
	return (x.less(v) || eq) && v.n < (x.n/step+1)*step
}

// in evaluates ranges as an advisory's reader does.
func in(d *Dialect, ranges []sekisho.Range, v string) bool {
	return len(ranges) == 0 || slices.ContainsFunc(ranges, func(r sekisho.Range) bool {
		return (r.Introduced == "" || d.order(r.Introduced, v) <= 0) &&
			(r.Fixed == "" || d.order(v, r.Fixed) < 0) &&
			(r.LastAffected == "" || d.order(v, r.LastAffected) <= 0)
	})
}

// TestComplement holds that a version is in the affected ranges exactly when it
// meets no patched and no unaffected requirement, for random ones of each.
func TestComplement(t *testing.T) {
	for _, c := range []struct {
		dialect *Dialect
		ops     []string
	}{
		{Cargo, []string{"<", "<=", ">", ">=", "=", "^", "~"}},
		{NPM, []string{"<", "<=", ">", ">=", "=", "^", "~"}},
		{Hex, []string{"<", "<=", ">", ">=", "=", "~>"}},
		{Gem, []string{"<", "<=", ">", ">=", "=", "~>"}},
		{Composer, []string{"<", "<=", ">", ">=", "="}},
	} {
		t.Run(c.dialect.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 9))
			inside := 0
			for range 4000 {
				type comparator struct {
					op string
					x  point
				}
				var all [][]comparator
				var texts []string
				for range 1 + r.IntN(4) {
					var and []comparator
					var parts []string
					for range 1 + r.IntN(2) {
						k := comparator{c.ops[r.IntN(len(c.ops))], randomPoint(r)}
						and = append(and, k)
						parts = append(parts, k.op+" "[:r.IntN(2)]+k.x.String())
					}
					all = append(all, and)
					texts = append(texts, strings.Join(parts, ", "))
				}
				safe, err := c.dialect.Parse(texts...)
				if err != nil {
					t.Fatal(err)
				}
				affected := safe.Not()
				ranges := affected.Ranges()
				for range 10 {
					v := randomPoint(r)
					text := v.String()
					if c.dialect == Gem {
						// Gems have no "-" in their versions: it was made ".pre.".
						text = strings.ReplaceAll(text, "-", ".pre.")
					}
					want := !slices.ContainsFunc(all, func(and []comparator) bool {
						return !slices.ContainsFunc(and, func(k comparator) bool {
							return !naive(k.op, k.x, v)
						})
					})
					got := !affected.Empty() && in(c.dialect, ranges, text)
					if got != want || affected.Has(text) != want {
						t.Fatalf("%s and %q: in %s is %v, want %v", v, texts, show(ranges), got, want)
					}
					if want {
						inside++
					}
				}
			}
			if inside < 4000 || inside > 36000 {
				t.Errorf("only %d of 40000 versions were on one side", inside)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"^1.2.3 || >= 2", "~> 5.2.4.3", ">= 1, < 2-rc", "8.x || *", "!= 1.2.3", "> 1.2.3-rc.1", "!x", "<*"} {
		f.Add(s, "1.2.3")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		for _, d := range []*Dialect{Cargo, NPM, Hex, Gem, Composer} {
			s, err := d.Parse(text)
			if err != nil {
				continue
			}
			if diff := cmp.Diff(show(s.Ranges()), show(s.Not().Not().Ranges())); diff != "" {
				t.Fatalf("%s %q is not what is not in its complement: %s", d.name, text, diff)
			}
			if len(version) < 100 && s.Has(version) && s.Not().Has(version) {
				t.Fatalf("%s: %q is in and out of %q", d.name, version, text)
			}
		}
	})
}
