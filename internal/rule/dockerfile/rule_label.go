// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// label is one that the file sets.
type label struct {
	at    *Statement
	key   string
	value Words
}

func (f *File) labels(visit func(label)) {
	all(f, func(s *Statement, c *instructions.LabelCommand) {
		for _, l := range c.Labels {
			visit(label{s, strings.Trim(l.Key, `"'`), f.Expand(s, l.Value)})
		}
	})
}

// hit is the label as a place that breaks a rule.
func (l label) hit(args ...string) check.Hit {
	h := hitWord(l.at, l.key, args...)
	h.Excerpt = maskText("LABEL " + l.key + "=" + l.value.Text)
	return h
}

// labelKey is what Docker's guidelines allow: lower-case letters and digits,
// single dots and dashes between them.
var labelKey = pattern.New(`^[a-z](?:[a-z0-9]|[.\-/_][a-z0-9])*$`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "label-key", Aliases: ids("DL3048"), Severity: sekisho.SeverityNegligible, Stages: build, Off: true,
		Because: words("Style.", "書式の問題です。"),
		Title:   words("The label {0} is not written as labels are", "ラベル {0} の書式が慣例と異なる"),
		Why:     words("Selectors and tools that look for labels by name miss it; com.docker and io.docker are Docker's own.", "名前で検索する道具に見つけられません。com.docker と io.docker は Docker の予約です。"),
		Fix:     words("Use lower-case letters, digits, single dots and dashes, under your own domain: com.example.team.", "小文字・数字・単独の . と - だけを使い、自分のドメイン配下に置きます (com.example.team)。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.labels(func(l label) {
			if strings.Contains(l.key, "$") {
				return
			}
			if !labelKey.MatchString(l.key) || strings.HasPrefix(l.key, "com.docker.") || strings.HasPrefix(l.key, "io.docker.") || strings.HasPrefix(l.key, "org.dockerproject.") {
				found(l.hit(l.key))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "label-missing", Aliases: ids("DL3049"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("You said that every image must have it.", "すべてのイメージに必須と設定されています。"),
		Title:   words("The label {0} is missing", "ラベル {0} がない"),
		Why:     words("Nobody can tell from the image whose it is or what it was built from.", "イメージの持ち主や元になったソースが分かりません。"),
		Fix:     words("LABEL {0}=... in the last stage.", "最後のステージに LABEL {0}=... を書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		final := f.Final()
		if f.Settings == nil || final == nil {
			return
		}
		have := map[string]bool{}
		final.Chain(func(s *Statement) bool {
			if c, ok := s.Command.(*instructions.LabelCommand); ok {
				for _, l := range c.Labels {
					have[strings.Trim(l.Key, `"'`)] = true
				}
			}
			return true
		})
		for _, key := range slices.Sorted(maps.Keys(f.Settings.Labels)) {
			if !have[key] {
				h := hit(final.From, key)
				h.Key = key
				found(h)
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "label-unknown", Aliases: ids("DL3050"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("You said that there are no labels but those of the list.", "一覧以外のラベルは禁止と設定されています。"),
		Title:   words("The label {0} is not on the list", "ラベル {0} は一覧にない"),
		Why:     words("A misspelt label counts as missing, and one of somebody else's may steer tools.", "綴りを誤ったラベルは無いものとして扱われ、想定外のラベルは道具の動作を変えることがあります。"),
		Fix:     words("Correct the name, or add it to the list.", "名前を直すか、一覧に加えます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		if f.Settings == nil || !f.Settings.StrictLabels {
			return
		}
		f.labels(func(l label) {
			if _, ok := f.Settings.Labels[l.key]; !ok && !strings.Contains(l.key, "$") {
				found(l.hit(l.key))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "label-empty", Aliases: ids("DL3051"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It does no harm and says nothing.", "害はありませんが情報もありません。"),
		Title:   words("The label {0} is empty", "ラベル {0} が空"),
		Why:     words("Who relies on the label finds nothing in it.", "ラベルを頼りにする側は何も得られません。"),
		Fix:     words("Give it a value or leave it out.", "値を入れるか、削除します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.labels(func(l label) {
			if l.value.Known && strings.TrimSpace(l.value.Text) == "" {
				found(l.hit(l.key))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "label-form", Aliases: ids("DL3052 DL3053 DL3054 DL3055 DL3056 DL3058"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("You said which form the value has.", "値の書式が設定されています。"),
		Title:   words("The label {0} is no {1}", "ラベル {0} の値が {1} 形式でない"),
		Why:     words("Programs that read the label stumble over it, or take it for something else.", "ラベルを読むプログラムが失敗するか、別の意味に解釈します。"),
		Fix:     words("Write it as a {1}.", "{1} 形式で書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		if f.Settings == nil {
			return
		}
		f.labels(func(l label) {
			form := f.Settings.Labels[l.key]
			if form == "" || !l.value.Known || l.value.Text == "" || labelForm(form, l.value.Text) {
				return
			}
			found(l.hit(l.key, form))
		})
	},
})

var (
	semverForm = pattern.New(`^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)
	hashForm   = pattern.New(`^(?:[0-9a-f]{7}|[0-9a-f]{40}|[0-9a-f]{64})$`)
	spdxForm   = pattern.New(`^\(*[A-Za-z0-9][A-Za-z0-9.-]*\+?\)*(?: (?:AND|OR|WITH) \(*[A-Za-z0-9][A-Za-z0-9.:-]*\+?\)*)*$`)
)

// looseLicenses are texts that look like an id and are none.
var looseLicenses = map[string]bool{"apache": true, "apache2": true, "apache-2": true, "gpl": true, "gplv2": true, "gplv3": true, "gpl-3": true, "lgpl": true, "bsd": true, "proprietary": true, "commercial": true, "unknown": true, "none": false, "public-domain": true, "mpl": true, "agpl": true}

// labelForm says whether a value has the form; forms that nobody knows are any.
func labelForm(form, value string) bool {
	switch form {
	case "url":
		u, err := url.Parse(value)
		return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "")
	case "rfc3339":
		_, err := time.Parse(time.RFC3339, value)
		return err == nil
	case "spdx":
		return spdxForm.MatchString(value) && !looseLicenses[strings.ToLower(value)]
	case "hash":
		return hashForm.MatchString(value)
	case "semver":
		return semverForm.MatchString(value)
	case "email":
		a, err := mail.ParseAddress(value)
		return err == nil && a.Address == value
	}
	return true
}
