// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	// runtimesAsOf is the day of the table of runtimes: the day of the judgement
	// where none is known.
	runtimesAsOf = "2026-08-22"
	// runtimeNotice is for how many days before its end a runtime is reported.
	runtimeNotice = 90
)

// runtimeEnd is the last day on which AWS corrects a runtime of Lambda, its day of
// deprecation, as of runtimesAsOf; empty for what is not in the table
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html).
func runtimeEnd(runtime string) string {
	switch runtime {
	case "nodejs":
		return "2016-08-30"
	case "dotnetcore2.0":
		return "2019-05-30"
	case "dotnetcore1.0":
		return "2019-06-27"
	case "nodejs6.10":
		return "2019-08-12"
	case "nodejs4.3", "nodejs4.3-edge":
		return "2020-03-05"
	case "nodejs8.10":
		return "2020-03-06"
	case "python2.7":
		return "2021-07-15"
	case "nodejs10.x", "ruby2.5":
		return "2021-07-30"
	case "dotnetcore2.1":
		return "2022-01-05"
	case "dotnet5.0":
		return "2022-05-10"
	case "python3.6":
		return "2022-07-18"
	case "nodejs12.x":
		return "2023-03-31"
	case "dotnetcore3.1":
		return "2023-04-03"
	case "nodejs14.x", "python3.7":
		return "2023-12-04"
	case "ruby2.7":
		return "2023-12-07"
	case "go1.x", "java8", "provided":
		return "2024-01-08"
	case "dotnet7":
		return "2024-05-14"
	case "nodejs16.x":
		return "2024-06-12"
	case "python3.8":
		return "2024-10-14"
	case "dotnet6":
		return "2024-12-20"
	case "nodejs18.x":
		return "2025-09-01"
	case "python3.9":
		return "2025-12-15"
	case "ruby3.2":
		return "2026-03-31"
	case "nodejs20.x":
		return "2026-04-30"
	case "provided.al2":
		return "2026-07-31"
	case "python3.10":
		return "2026-10-31"
	case "dotnet8", "dotnet9":
		return "2026-11-10"
	case "ruby3.3":
		return "2027-03-31"
	case "nodejs22.x":
		return "2027-04-30"
	case "java8.al2", "java11", "java17", "python3.11":
		return "2027-06-30"
	case "ruby3.4":
		return "2028-03-31"
	case "nodejs24.x":
		return "2028-04-30"
	case "python3.12":
		return "2028-10-31"
	case "dotnet10":
		return "2028-11-14"
	case "ruby4.0":
		return "2029-03-31"
	case "java21", "java25", "java8.al2023", "java11.al2023", "java17.al2023", "python3.13", "python3.14", "provided.al2023":
		return "2029-06-30"
	}
	return ""
}

// runtimeSupport is the last day of a runtime, and whether it is over or will be
// before long. The day is the table's. The database has the day on which AWS stops
// updates of functions, months after the deprecation: it speaks for runtimes that
// are not in the table, and where it is the earlier one.
func runtimeSupport(runtime string, s *check.Settings) (day string, over, soon bool) {
	today := runtimesAsOf
	if s != nil && s.Today != "" {
		today = s.Today
	}
	day = runtimeEnd(runtime)
	if s != nil && s.Ends != nil {
		if end, ok := s.Ends("aws-lambda", runtime); ok && (day == "" || end < day) {
			day = end
		}
	}
	now, err := time.Parse(time.DateOnly, today)
	if day == "" || err != nil {
		return "", false, false
	}
	over = today > day
	return day, over, !over && day <= now.AddDate(0, 0, runtimeNotice).Format(time.DateOnly)
}

// runtimeAfter is the newest runtime of the same language, as of runtimesAsOf.
func runtimeAfter(runtime string) string {
	for _, family := range [...][2]string{
		{"nodejs", "nodejs24.x"}, {"python", "python3.14"}, {"java", "java25"}, {"dotnet", "dotnet10"}, {"ruby", "ruby4.0"},
	} {
		if strings.HasPrefix(runtime, family[0]) {
			return family[1]
		}
	}
	return "provided.al2023"
}

var _ = add(sekisho.Rule{
	ID: "deprecated-runtime", Aliases: ids("CKV_AWS_363 Lambda.2"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.1.1 cwe-1104"),
	Because:    w("Flaws stay open from then on; low while the end is at most 90 days away.", "以後は欠陥が修正されないため。終了まで 90 日以内の場合は低とします。"),
	Title:      w("The runtime {1} of {0} is not supported after {2}", "{0} のランタイム {1} のサポートは {2} まで"),
	Why:        w("AWS does not correct flaws of a deprecated runtime, and later refuses to create and update functions with it.", "非推奨になったランタイムの欠陥を AWS は修正せず、後には関数の作成や更新も拒否されます。"),
	Fix:        w("Move the function to a supported runtime ({3}) and run its tests there.", "サポート中のランタイム ({3}) に移行し、そのランタイムでテストしてください。"),
}, each("aws_lambda_function", func(it *Item, found func(check.Hit)) {
	// A function that is an image has its runtime in the image.
	kind := it.Body.Get("package_type")
	if !kind.Known() || kind.Str() == "Image" || !lacks(it.Body, "image_uri") {
		return
	}
	n := it.Body.Get("runtime")
	if n == nil || n.Kind != document.String {
		return
	}
	day, over, soon := runtimeSupport(n.Text, it.World.Settings)
	if !over && !soon {
		return
	}
	h := it.field(it.Body, "runtime", it.Address, cloud.Show(n.Text), day, runtimeAfter(n.Text))
	if soon {
		h.Severity = sekisho.SeverityLow
	}
	found(h)
}))
