// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/exception"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/signature"
)

// exceptionFlags say which exceptions hold.
type exceptionFlags struct {
	files, vex  []string
	environment string
	none        bool
	// unstated: the statements that are built in do not hold.
	unstated bool
}

func (f *exceptionFlags) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s.StringSliceVar(&f.files, "exceptions", nil, t(message.FlagExceptions))
	s.StringSliceVar(&f.vex, "vex", nil, t(message.FlagVEX))
	s.StringVar(&f.environment, "environment", "", t(message.FlagEnvironment))
	s.BoolVar(&f.none, "no-ignore-files", false, t(message.FlagNoIgnoreFiles))
	s.BoolVar(&f.unstated, "no-built-in-statements", false, t(message.FlagNoStatements))
}

// attachedVEX is the --vex that asks for what is attached to the image.
const attachedVEX = "oci"

// exceptions are the files that hold, in the order in which they count.
type exceptions struct {
	files []*exception.File
	// links lead out of their directory: they are not followed.
	links []string
}

func (x *exceptions) list() []sekisho.Exception {
	var out []sekisho.Exception
	for _, f := range x.files {
		out = append(out, f.Exceptions...)
	}
	return out
}

// exceptionsOf reads the files that were named, then those of the working
// directory and of the scanned source tree, then VEX documents. Root is the
// tree; empty for none: what lies in an image or a root file system silences
// nothing.
func (a *App) exceptionsOf(f *exceptionFlags, root string, image bool) (*exceptions, error) {
	x := &exceptions{}
	for _, name := range f.files {
		file, err := a.exceptionFile(name)
		if err != nil {
			return nil, err
		}
		x.files = append(x.files, file)
	}
	if !f.none {
		if err := a.foundExceptions(x, root, image); err != nil {
			return nil, err
		}
	}
	for _, place := range f.vex {
		if place == attachedVEX {
			continue
		}
		if err := a.vexFiles(x, place); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// exceptionFile reads a file that the user named.
func (a *App) exceptionFile(name string) (*exception.File, error) {
	file, err := os.Open(a.path(name))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	defer file.Close()
	return a.readExceptions(file, name, exception.Read)
}

func (a *App) readExceptions(in io.Reader, name string, read func(string, []byte) (*exception.File, error)) (*exception.File, error) {
	b, err := io.ReadAll(io.LimitReader(in, exception.MaxBytes+1))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	file, err := read(filepath.ToSlash(name), b)
	if errors.Is(err, exception.ErrNoVEX) {
		return nil, a.usage(message.ExceptionsNotVEX, name)
	}
	if err != nil {
		return nil, a.usage(message.ExceptionsBad, a.mistakes(err))
	}
	return file, nil
}

// foundExceptions looks for files of the known names.
func (a *App) foundExceptions(x *exceptions, root string, image bool) error {
	here := a.path(".")
	dirs := [][2]string{{here, ""}}
	if root != "" && !sameDir(here, a.path(root)) {
		dirs = append(dirs, [2]string{a.path(root), root})
	}
	for _, d := range dirs {
		dir, err := os.OpenRoot(d[0])
		if err != nil {
			continue // there is no such directory, or it cannot be listed: nothing is found in it
		}
		for _, name := range exception.Found {
			if name == ".dockleignore" && !image {
				continue
			}
			if err = a.foundFile(x, dir, name, filepath.Join(d[1], filepath.FromSlash(name))); err != nil {
				break
			}
		}
		dir.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// foundFile reads one file, when it is there, is a file, and does not lead out
// of its directory.
func (a *App) foundFile(x *exceptions, dir *os.Root, name, shown string) error {
	info, err := dir.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if err != nil {
		first, _, nested := strings.Cut(name, "/")
		switch top, err2 := dir.Lstat(first); {
		case err2 != nil:
		case top.Mode()&fs.ModeSymlink != 0:
			x.links = append(x.links, shown)
			return nil
		case nested && !top.IsDir(): // a file has the directory's name
			return nil
		}
		return a.notThere(shown, err)
	}
	file, err := dir.Open(name)
	if err != nil {
		return a.notThere(shown, err)
	}
	defer file.Close()
	read, err := a.readExceptions(file, shown, exception.Read)
	if err != nil {
		return err
	}
	x.files = append(x.files, read)
	return nil
}

func sameDir(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// vexFiles reads a VEX document, or all of a directory.
func (a *App) vexFiles(x *exceptions, place string) error {
	info, err := os.Stat(a.path(place))
	if err != nil {
		return usageError{a.notThere(place, err)}
	}
	one := func(name string) error {
		file, err := os.Open(a.path(name))
		if err != nil {
			return usageError{a.notThere(name, err)}
		}
		defer file.Close()
		read, err := a.readExceptions(file, name, exception.ReadVEX)
		if err != nil {
			return err
		}
		x.files = append(x.files, read)
		return nil
	}
	if !info.IsDir() {
		return one(place)
	}
	before := len(x.files)
	err = filepath.WalkDir(a.path(place), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return a.notThere(name, err)
		}
		if !d.Type().IsRegular() || filepath.Ext(name) != ".json" {
			return nil
		}
		rel, err := filepath.Rel(a.path(place), name)
		if err != nil {
			return message.Errorf("name %s: %w", name, err)
		}
		return one(filepath.Join(place, rel))
	})
	if err == nil && len(x.files) == before {
		return a.usage(message.ExceptionsNoVEX, place)
	}
	return err
}

// treeOf is the directory of a source tree; empty when the target is none.
func (a *App) treeOf(t target, artifacts []*sekisho.Artifact) string {
	if len(artifacts) == 0 || artifacts[0].Target.Kind != sekisho.KindRepository {
		return ""
	}
	dir := t.name
	if t.scheme == "repo" || t.scheme == "git" {
		dir, _ = a.revision(t) // an old tree is judged by what is accepted today
	}
	if info, err := os.Stat(a.path(dir)); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}

// scanExceptions reads the exceptions that hold for what is scanned.
func (a *App) scanExceptions(f *scanFlags, t target, artifacts []*sekisho.Artifact, trust *signature.Trust) (*exceptions, error) {
	image := len(artifacts) > 0 && artifacts[0].Target.Kind == sekisho.KindImage
	x, err := a.exceptionsOf(&f.exceptions, a.treeOf(t, artifacts), image)
	if err != nil || !slices.Contains(f.exceptions.vex, attachedVEX) {
		return x, err
	}
	a.attachedStatements(x, artifacts, trust)
	return x, nil
}

// attachedStatements adds the VEX documents that lie beside the image. One that
// cannot be read is a problem of the image and silences nothing, and where a key
// was named, neither does one whose signature does not verify.
func (a *App) attachedStatements(x *exceptions, artifacts []*sekisho.Artifact, trust *signature.Trust) {
	all := 0
	if trust != nil {
		all = verifiedAttachments(trust, artifacts)
	}
	read := map[string]bool{}
	for _, art := range artifacts {
		for _, doc := range art.Attached {
			name := "oci:" + doc.Name
			if read[name+string(doc.Text)] {
				continue
			}
			read[name+string(doc.Text)] = true
			file, err := exception.ReadVEX(name, doc.Text)
			if errors.Is(err, exception.ErrNoVEX) {
				continue // a bill of materials of another format
			}
			if err != nil {
				art.Problems = append(art.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: doc.Name, Minor: true}.Saying(message.Words(err)))
				continue
			}
			x.files = append(x.files, file)
		}
	}
	switch source := sourceOf(artifacts); {
	case all > 0:
		a.remark(message.VEXVerified, all, len(read))
	case len(read) > 0:
		a.remark(message.VEXAttached, len(read))
	case source == "registry":
		a.remark(message.VEXNoneAttached)
	default:
		a.remark(message.VEXNotInRegistry, source)
	}
}

func sourceOf(artifacts []*sekisho.Artifact) string {
	if len(artifacts) == 0 {
		return ""
	}
	return artifacts[0].Target.Source
}

// except applies exceptions to a result, and says what they did.
func (a *App) except(r *sekisho.Result, x *exceptions, f *scanFlags) {
	remarks, unknown := a.applyExceptions(r, x, f.exceptions.environment, !f.exceptions.unstated)
	if f.quiet {
		return
	}
	a.sayExceptions(x, remarks)
	a.sayPassedOver(x, unknown)
}

// applyExceptions resolves the ranges of statements and applies everything.
// Stated says that the statements which are built in hold too. Unknown are statements with a range that cannot be compared.
func (a *App) applyExceptions(r *sekisho.Result, x *exceptions, environment string, stated bool) (remarks []policy.Remark, unknown []sekisho.Exception) {
	results := []*sekisho.Result{r}
	for i := range r.Platforms {
		results = append(results, &r.Platforms[i])
	}
	places := ecosystem.Places()
	list, unknown := exception.Resolve(x.list(), results, func(os *sekisho.OS, p *sekisho.Package) (sekisho.Order, bool) {
		at, _ := places(os, p)
		if len(at) == 0 {
			return sekisho.Order{}, false
		}
		return at[0].Order, true
	})
	if stated { // behind all others: whoever says something else is right
		list = append(list, policy.Stated()...)
	}
	return policy.Except(r, list, a.today(), environment), unknown
}

// sayPassedOver names links that were not followed, and the statements with
// ranges that cannot be compared.
func (a *App) sayPassedOver(x *exceptions, unknown []sekisho.Exception) {
	for _, name := range x.links {
		a.remark(message.ExceptionsLink, name)
	}
	for i := range unknown {
		if i == mostNamed {
			a.remark(message.ExceptionsMore, len(unknown)-i)
			break
		}
		a.remark(message.ExceptionsSkipped, place(&unknown[i])+": "+unknown[i].Rule+" "+unknown[i].Range)
	}
}

func (a *App) today() string { return a.Now().UTC().Format(time.DateOnly) }

// mostNamed bounds what is named in a line, and lines of one sort.
const mostNamed = 5

// entries counts the entries of a file: a list of paths is several exceptions of
// one entry.
func entries(f *exception.File) int {
	n, last := 0, [2]int{}
	for i := range f.Exceptions {
		if at := [2]int{f.Exceptions[i].Line, f.Exceptions[i].Column}; at[0] == 0 || at != last {
			n++
			last = at
		}
	}
	return n
}

func (a *App) sayExceptions(x *exceptions, remarks []policy.Remark) {
	for _, f := range x.files {
		suppressed := 0
		var unused []string
		for _, m := range remarks {
			if len(f.Exceptions) == 0 || m.Exception.By != f.Exceptions[0].By {
				continue
			}
			switch m.Kind {
			case policy.RemarkSuppressed:
				suppressed += m.Findings
			case policy.RemarkUnused:
				unused = append(unused, fmt.Sprintf("%s (%d)", m.Exception.Rule, m.Exception.Line))
			}
		}
		a.remark(message.ExceptionsFile, f.Name, entries(f), suppressed)
		for i, s := range f.Skipped {
			if i == mostNamed {
				a.remark(message.ExceptionsMore, len(f.Skipped)-i)
				break
			}
			a.remark(message.ExceptionsSkipped, s)
		}
		if n := len(unused); n > 0 {
			a.remark(message.ExceptionsUnused, f.Name, a.named(unused))
		}
	}
	for _, sort := range []struct {
		kind string
		text message.Text
	}{{policy.RemarkExpired, message.ExceptionsExpired}, {policy.RemarkEnding, message.ExceptionsEnding}} {
		all := slices.DeleteFunc(slices.Clone(remarks), func(m policy.Remark) bool { return m.Kind != sort.kind })
		for i, m := range all {
			if i == mostNamed {
				a.remark(message.ExceptionsMore, len(all)-i)
				break
			}
			a.remark(sort.text, m.Exception.Rule, m.Exception.Expires, place(&m.Exception), m.Findings)
		}
	}
}

// named lists names, the first few.
func (a *App) named(names []string) string {
	comma := a.lang.Of(message.ListComma)
	if n := len(names) - mostNamed; n > 0 {
		return strings.Join(names[:mostNamed], comma) + " " + a.lang.Of(message.ExceptionsMore, n)
	}
	return strings.Join(names, comma)
}

// place is where an exception is written.
func place(e *sekisho.Exception) string {
	if e.Line == 0 {
		return e.By
	}
	return fmt.Sprintf("%s:%d", e.By, e.Line)
}
