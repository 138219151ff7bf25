// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
)

// Bounds of a document: deeper or larger ones are refused.
const (
	maxDepth = 200
	maxNodes = 2_000_000
	// maxAliased bounds the values that aliases of one stream stand for, all
	// their repetitions counted: a kilobyte can ask for billions.
	maxAliased = 100_000
)

// YAML reads every document of a YAML 1.2 stream (https://yaml.org/spec/1.2.2/),
// in order; JSON is YAML as well. Anchors are resolved, each alias standing at
// the place of its anchor, and merge keys are merged. The documents before a
// mistake are returned beside the error, which names the line.
func YAML(text []byte) ([]*Node, error) {
	var out []*Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	c := &converter{columns: newColumns(text)}
	for {
		var doc yaml.Node
		err := decode(dec, &doc)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, yamlError(err)
		}
		n, err := c.node(&doc, 0)
		if err != nil {
			return out, err
		}
		if n != nil {
			out = append(out, n)
		}
	}
}

// decode turns the library's panics into errors.
func decode(dec *yaml.Decoder, doc *yaml.Node) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = message.Errorf("no YAML: %v", e)
		}
	}()
	return dec.Decode(doc)
}

// Error is a mistake in the text of a document.
type Error struct {
	// Line of the mistake, 1 based; 0 when not known.
	Line int
	Text string
	// Aliases is true where the text may be YAML, and its aliases stand for more
	// values than are read: no other reader should be given it.
	Aliases bool
	// Cause says the text in every language.
	Cause error
}

func mistake(line int, cause error) *Error {
	return &Error{Line: line, Text: cause.Error(), Cause: cause}
}

func (e *Error) Unwrap() error { return e.Cause }

// Words are those of the catalogue.
func (e *Error) Words() (code string, args []string, english string) {
	if e.Line == 0 {
		return message.Words(e.Cause)
	}
	return message.Say("line %d: %w", e.Line, e.Cause)
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

var yamlLine = pattern.New(`^(?:yaml: )?(?:line (\d+): )?`)

func yamlError(err error) error {
	text := err.Error()
	m := yamlLine.FindStringSubmatch(text)
	line, err := strconv.Atoi(m[1])
	if err != nil {
		line = 0
	}
	return mistake(line, message.Errorf("this is no YAML: %s", strings.TrimPrefix(text, m[0])))
}

// converter counts nodes over aliases, so that a bomb of them ends.
type converter struct {
	nodes int
	// aliased are the nodes below aliases, below says whether this is one.
	aliased int
	below   bool
	columns *columns
}

func (c *converter) node(y *yaml.Node, depth int) (*Node, error) {
	c.nodes++
	if depth > maxDepth {
		return nil, mistake(y.Line, message.Errorf("values are nested more than %d deep", maxDepth))
	}
	if c.nodes > maxNodes {
		return nil, mistake(y.Line, message.Errorf("more than %d values", maxNodes))
	}
	if c.below {
		if c.aliased++; c.aliased > maxAliased {
			e := mistake(y.Line, message.Errorf("aliases stand for more than %d values", maxAliased))
			e.Aliases = true
			return nil, e
		}
	}
	at := c.columns.bytes(y.Line, y.Column)
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil, nil
		}
		return c.node(y.Content[0], depth+1)
	case yaml.AliasNode:
		below := c.below
		c.below = true
		n, err := c.node(y.Alias, depth+1)
		c.below = below
		return n, err
	case yaml.SequenceNode:
		n := &Node{Kind: List, Tag: ownTag(y), Line: y.Line, Column: at, EndLine: y.Line, EndColumn: at}
		for _, item := range y.Content {
			v, err := c.node(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, v)
			n.end(v)
		}
		return n, nil
	case yaml.MappingNode:
		return c.mapping(y, at, depth)
	}
	return scalar(y, at), nil
}

func (c *converter) mapping(y *yaml.Node, at, depth int) (*Node, error) {
	n := &Node{Kind: Map, Tag: ownTag(y), Line: y.Line, Column: at, EndLine: y.Line, EndColumn: at}
	var merged []*Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, err := c.node(y.Content[i], depth+1)
		if err != nil {
			return nil, err
		}
		value, err := c.node(y.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if y.Content[i].Tag == "!!merge" {
			if value.Kind == List {
				merged = append(merged, value.Items...)
			} else {
				merged = append(merged, value)
			}
			continue
		}
		if key.Kind != String {
			key.Text, key.Kind = y.Content[i].Value, String
		}
		n.Keys, n.Items = append(n.Keys, key), append(n.Items, value)
		n.end(value)
	}
	n.unique()
	if len(merged) > 0 {
		n.merge(merged)
	}
	return n, nil
}

// merge adds the members of other maps that n does not have; the first wins
// (https://yaml.org/type/merge.html).
func (n *Node) merge(others []*Node) {
	have := make(map[string]bool, len(n.Keys))
	for _, k := range n.Keys {
		have[k.Text] = true
	}
	for _, m := range others {
		for i, k := range m.Keys {
			if m.Kind == Map && !have[k.Text] {
				have[k.Text] = true
				n.Keys, n.Items = append(n.Keys, k), append(n.Items, m.Items[i])
			}
		}
	}
}

// unique keeps the last of the members of one key, as most readers do.
func (n *Node) unique() {
	if n.Kind != Map || len(n.Keys) < 2 {
		return
	}
	at := make(map[string]int, len(n.Keys))
	keys, items := n.Keys[:0], n.Items[:0]
	for i, k := range n.Keys {
		if j, ok := at[k.Text]; ok {
			keys[j], items[j] = k, n.Items[i]
			continue
		}
		at[k.Text] = len(keys)
		keys, items = append(keys, k), append(items, n.Items[i])
	}
	n.Keys, n.Items = keys, items
}

// end moves the end of n behind that of a child written in it.
func (n *Node) end(child *Node) {
	if child.EndLine > n.EndLine || child.EndLine == n.EndLine && child.EndColumn > n.EndColumn {
		n.EndLine, n.EndColumn = child.EndLine, child.EndColumn
	}
}

// ownTag is the tag of a value when it is none of YAML's own.
func ownTag(y *yaml.Node) string {
	if len(y.Tag) > 1 && y.Tag[0] == '!' && y.Tag[1] != '!' {
		return y.Tag
	}
	return ""
}

func scalar(y *yaml.Node, at int) *Node {
	n := &Node{Kind: String, Text: y.Value, Tag: ownTag(y), Line: y.Line, Column: at, EndLine: y.Line, EndColumn: at + len(y.Value)}
	switch y.Style {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		n.EndColumn += 2
		return n
	case yaml.LiteralStyle, yaml.FoldedStyle:
		n.EndLine += strings.Count(strings.TrimRight(y.Value, "\n"), "\n") + 1
		n.EndColumn = 0
		return n
	}
	switch y.ShortTag() {
	case "!!null":
		n.Kind, n.Text = Null, ""
	case "!!bool":
		n.Kind = Bool
	case "!!int", "!!float":
		n.Kind = Number
	}
	return n
}
