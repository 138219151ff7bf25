// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/scan"
)

func (a *App) cacheCommand() *cobra.Command {
	c := &cobra.Command{Use: "cache", Short: a.lang.Of(message.CacheShort), RunE: func(cmd *cobra.Command, args []string) error {
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		return cmd.Help()
	}}
	sub := func(use string, short message.Text, do func(*scan.Cache) (scan.CacheInfo, error), say message.Text) {
		s := &cobra.Command{Use: use, Short: a.lang.Of(short), Args: noArgs(a)}
		s.Flags().String("cache-dir", "", a.lang.Of(message.FlagCacheDir))
		s.Flags().String("config", "", a.lang.Of(message.FlagConfig))
		s.RunE = func(cmd *cobra.Command, _ []string) error {
			if _, err := a.applySettings(cmd); err != nil {
				return err
			}
			dir, err := cmd.Flags().GetString("cache-dir")
			if err != nil {
				return err
			}
			info, err := do(scan.NewCache(a.cacheDir(dir), 0, a.Now))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), a.lang.Of(say, info.Dir, info.Entries, byteSize(info.Bytes), byteSize(info.Limit)))
			if err == nil && use == "info" && !info.Oldest.IsZero() {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), a.lang.Of(message.CacheOldest, info.Oldest.UTC().Format(time.RFC3339)))
			}
			return err
		}
		c.AddCommand(s)
	}
	sub("info", message.CacheInfoShort, (*scan.Cache).Info, message.CacheInfo)
	sub("clean", message.CacheCleanShort, (*scan.Cache).Clean, message.CacheCleaned)
	return c
}
