// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Bounds of one expression. HCL's parser and evaluator recurse, and a stack
// that overflows ends the program.
const (
	maxNesting   = 250
	maxOperators = 3000
)

// tooDeep returns the line at which a text is nested deeper than the parser may
// be given; 0 for any that people write.
func tooDeep(text []byte) int {
	// Small files cannot be: their tokens are counted only where a rough count
	// of bytes gives reason to.
	open, operators := 0, 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			open++
		case '+', '-', '*', '/', '%', '<', '>', '!', '&', '|', '?', '=':
			operators++
		}
	}
	if open <= maxNesting && operators <= maxOperators {
		return 0
	}
	tokens, _ := hclsyntax.LexConfig(text, "", hcl.InitialPos)
	var stack []hclsyntax.TokenType
	count, minus := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			stack = append(stack, t.Type)
			count++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		case hclsyntax.TokenComma:
			count = 0
		case hclsyntax.TokenNewline:
			if len(stack) == 0 || stack[len(stack)-1] == hclsyntax.TokenOBrace {
				count = 0
			}
		case hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr,
			hclsyntax.TokenBang, hclsyntax.TokenQuestion, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
			hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenEllipsis, hclsyntax.TokenDot:
			count++
		default:
		}
		if t.Type == hclsyntax.TokenMinus || t.Type == hclsyntax.TokenBang {
			minus++
		} else {
			minus = 0
		}
		if len(stack) > maxNesting || count > maxOperators || minus > maxNesting {
			return t.Range.Start.Line
		}
	}
	return 0
}
