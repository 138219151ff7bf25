// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// pushed is a name under which a job puts an image into a registry.
type pushed struct {
	ref string
	hit check.Hit
}

// pushes are the images that each job puts into a registry, in order.
func (d *Definition) pushes() (jobs []string, of map[string][]pushed) {
	of = map[string][]pushed{}
	add := func(job, ref string, h check.Hit) {
		if of[job] == nil {
			jobs = append(jobs, job)
		}
		of[job] = append(of[job], pushed{ref, h})
	}
	d.commands(func(s *Script, c *shell.Command) {
		switch c.Name {
		case "docker", "podman", "buildah", "nerdctl":
			build := c.Is(c.Name, "buildx", "build") || c.Is(c.Name, "build")
			switch {
			case c.Is(c.Name, "push") || c.Is(c.Name, "image", "push"):
				if ops := c.Operands(); len(ops) > 1 {
					ref := ops[len(ops)-1]
					if c.Has("-a", "--all-tags") {
						ref.Text += ":$all"
					}
					add(s.Job, ref.Text, s.at(c.Span, s.source(c.Span)))
				}
			case build && c.Has("--push"):
				for _, t := range c.Values("-t", "--tag") {
					add(s.Job, t.Text, s.at(t.Span, s.source(t.Span)))
				}
			}
		case "executor":
			for _, t := range c.Values("--destination", "-d") {
				add(s.Job, t.Text, s.at(t.Span, s.source(t.Span)))
			}
		}
	})
	for _, u := range d.Uses {
		tags := u.With.Get("tags")
		if !strings.HasPrefix(u.Ref, "docker/build-push-action@") || !u.With.Get("push").True() || tags.Str() == "" {
			continue
		}
		for _, ref := range strings.FieldsFunc(tags.Str(), func(r rune) bool { return r == '\n' || r == ',' }) {
			add(u.Job, strings.TrimSpace(ref), excerpted(u.With, "tags", u.Job, "tags: "+strings.TrimSpace(ref)))
		}
	}
	return jobs, of
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "push-latest-only", Severity: sekisho.SeverityLow, Stages: build(),
		Because:    w("Nothing is lost at once; it shows on the day when a version has to be found or put back.", "すぐに被害はありませんが、版の特定や切り戻しが必要になったときに問題となります。"),
		Title:      w("The image is pushed as latest and under no other name ({0})", "イメージが latest だけで push されている ({0})"),
		Why:        w("The next push takes the name away: nobody can say which build runs where, scan it again, or go back to it.", "次の push で名前が移るため、どこでどのビルドが動いているかの特定、再スキャン、切り戻しができません。"),
		Fix:        w("Push a version or the commit as well: -t name:$COMMIT -t name:latest, and deploy by digest.", "バージョンやコミットのタグも push し (-t name:$COMMIT -t name:latest)、ダイジェストでデプロイしてください。"),
		References: ids("nist-800-190-4.1.5"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		jobs, of := d.pushes()
		for _, job := range jobs {
			only := true
			for _, p := range of[job] {
				_, tag, digest := imageref.Split(p.ref)
				only = only && known(p.ref[strings.LastIndexByte(p.ref, '/')+1:]) && digest == "" && (tag == "latest" || tag == "")
			}
			if only {
				h := of[job][0].hit
				h.Args = []string{of[job][0].ref}
				found(h)
			}
		}
	},
})

// dumps finds the whole environment in a word.
var dumps = pattern.New(`(?:\$\(|<\()\s*(?:env|printenv|set|cat /proc/(?:self|1)/environ)\s*(?:\||\))|/proc/(?:self|1)/environ`)

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "environment-sent", Aliases: ids("CKV_GHA_3 CKV_GITLABCI_1 CKV_CIRCLECIPIPELINES_7"), Severity: sekisho.SeverityCritical, Stages: build(),
		Because:    w("All secrets of the job are in its environment.", "ジョブのシークレットがすべて環境変数に入っているため。"),
		Title:      w("The whole environment is sent away by {0}", "{0} で環境変数全体を送信している"),
		Why:        w("That is how stolen actions and scripts took the secrets of their users.", "乗っ取られたアクションやスクリプトは、この方法で利用者のシークレットを盗みました。"),
		Fix:        w("Remove the step, find out who added it, and change the secrets. Send the one value that is needed.", "この手順を削除し、誰が追加したかを調べ、シークレットを変更してください。必要な値があればそれだけを送ります。"),
		References: ids("cwe-200 cwe-506"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, s := range d.Scripts {
			if s.Shell == nil {
				continue
			}
			dumped := map[int]bool{}
			for i := range s.Shell.Commands {
				c := &s.Shell.Commands[i]
				switch c.Name {
				case "env", "printenv", "set":
					if len(c.Args) == 0 {
						dumped[c.Pipe.ID] = true
					}
				case "cat":
					dumped[c.Pipe.ID] = dumped[c.Pipe.ID] || containsText(c.Args, "/proc/self/environ")
				case "curl", "wget", "nc", "ncat", "netcat":
					text := s.source(c.Span)
					if (dumped[c.Pipe.ID] && c.Pipe.Index > 0 || contains(c.Args, dumps) || containsText(c.Args, "@/proc/self/environ")) && !loopback.MatchString(text) {
						found(s.at(c.Span, mask(text), c.Name))
					}
				}
			}
		}
	},
})

func containsText(words []shell.Word, text string) bool {
	for i := range words {
		if words[i].Text == text {
			return true
		}
	}
	return false
}
