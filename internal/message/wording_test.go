// SPDX-License-Identifier: Apache-2.0

package message

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// rejected are Japanese words that are written in another way here; the table of
// docs/glossary.ja.md says in which.
var rejected = []struct{ word, instead string }{
	{"秘密情報", "シークレット"},
	{"機密情報", "シークレット"},
	{"クレデンシャル", "認証情報"},
	{"コンテナー", "コンテナ"},
	{"ライブラリー", "ライブラリ"},
	{"ディレクトリー", "ディレクトリ"},
	{"リポジトリー", "リポジトリ"},
	{"カテゴリー", "カテゴリ"},
	{"アドバイザリー", "アドバイザリ"},
	{"ファインディング", "検出結果"},
	{"重大度", "深刻度"},
	{"抑止", "抑制"},
	{"レイヤ(?:[^ー]|$)", "レイヤー"},
	{"ユーザ(?:[^ー]|$)", "ユーザー"},
	{"サーバ(?:[^ー]|$)", "サーバー"},
	{"[（）]", "半角の括弧 ( )"},
	{"[０-９Ａ-Ｚａ-ｚ]", "半角の英数字"},
	{"[ｦ-ﾟ]", "全角の片仮名"},
	{"[、。] [ぁ-んァ-ヶ一-龠]", "句読点の後ろに空白なし"},
}

// One thing has one word in Japanese, in the program and in its documents.
func TestJapaneseWords(t *testing.T) {
	japanese := regexp.MustCompile(`[ぁ-んァ-ヶ一-龠]`)
	var patterns []*regexp.Regexp
	for _, r := range rejected {
		patterns = append(patterns, regexp.MustCompile(r.word))
	}
	seen := 0
	look := func(p string, lines []string) {
		for i, line := range lines {
			if !japanese.MatchString(line) {
				continue
			}
			seen++
			for n, r := range rejected {
				if patterns[n].MatchString(line) {
					t.Errorf("%s:%d: write %s, not %s", p, i+1, r.instead, r.word)
				}
			}
		}
	}
	for _, root := range []string{"..", "../../docs", "../../README.ja.md"} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if d != nil && d.Name() == "testdata" {
					return filepath.SkipDir
				}
				return err
			}
			program := strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go")
			if !program && !strings.HasSuffix(p, ".ja.md") || strings.HasSuffix(p, "glossary.ja.md") {
				return nil
			}
			text, err := os.ReadFile(p)
			look(p, strings.Split(string(text), "\n"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 1500 {
		t.Errorf("only %d Japanese lines were found: does the test still see them?", seen)
	}
	// Every word that is rejected stands in the table that people read.
	table, err := os.ReadFile("../../docs/glossary.ja.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rejected {
		if word, _, _ := strings.Cut(r.word, "("); !strings.ContainsAny(word, "[") && !strings.Contains(string(table), word) {
			t.Errorf("docs/glossary.ja.md does not say to write %s, not %s", r.instead, word)
		}
	}
}
