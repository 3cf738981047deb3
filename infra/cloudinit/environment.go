package cloudinit

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// environmentFile is read by systemd (systemd.exec, EnvironmentFile=) and by a shell alike.
func (s Service) environmentFile() string {
	all := map[string]string{
		"RELEASE":                      s.short(),
		"AWS_EC2_METADATA_V1_DISABLED": "true",
	}
	if s.Port > 0 {
		all["LISTEN_ADDRESS"] = s.listenAddress()
	}
	if s.terminates() {
		all["PORT"] = strconv.Itoa(s.HTTPPort)
	}
	maps.Copy(all, s.Environment)
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out.WriteString(name + "=" + quoteValue(all[name]) + "\n")
	}
	return out.String()
}

// quoteValue escapes what is special between double quotes, in systemd as in POSIX shells.
func quoteValue(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(value) + `"`
}

// quoteArgument escapes a word of ExecStart= (systemd.service, "Command lines"), where % and $ are
// special between quotes too.
func quoteArgument(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(word) + `"`
}

func quoteShell(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
