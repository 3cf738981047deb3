package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/twin"
)

func twinQuotasCommand(stack *string) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "quotas", Short: "the account's quotas, and how much of each is used", Args: noArguments,
		Long: `Lists the quotas of the twin's account that something counts against, with the usage of
the busiest place. They are AWS's defaults, unless --quota NAME=NUMBER (of up, preview,
down and twin) or quotas in Twin.<stack>.yaml says otherwise.`,
	}
	cmd.Flags().BoolVar(&all, "all", false, "also quotas that nothing counts against yet")
	return onTwin(asksJSON(cmd), stack, looks, func(cmd *cobra.Command, t *tooled, _ []string) error {
		quotas, err := t.Quotas()
		if err != nil {
			return err
		}
		quotas = slices.DeleteFunc(quotas, func(q twin.Quota) bool { return !all && q.Used == 0 && q.Limit == q.Default })
		return show(cmd, quotas, func(w io.Writer) {
			var rows [][]string
			for _, q := range quotas {
				limit := fmt.Sprint(q.Limit)
				switch {
				case !q.Adjustable:
					limit += ", for everybody"
				case q.Limit != q.Default:
					limit += fmt.Sprintf(", and by default %d", q.Default)
				}
				rows = append(rows, []string{q.Name, fmt.Sprint(q.Used), limit, shortID(q.Where)})
			}
			table(w, "nothing on the twin counts in a quota", []string{"QUOTA", "USED", "LIMIT", "WHERE"}, rows)
		})
	})
}

func twinDelegateCommand(stack *string) *cobra.Command {
	var off bool
	cmd := &cobra.Command{
		Use: "delegate [ZONE]", Short: "delegate a zone, or take its delegation back", Args: arguments(0, 1),
		Long: `Delegates a public zone of the twin, as entering its name servers at the registrar does;
--off takes that back. Without a zone it lists them. A zone is
named by its domain or its id. One whose parent zone is on the twin, too, is
delegated by its NS record there, unless this command has said otherwise.`,
		Example: `  causeway twin delegate guestbook.example.com --off`,
	}
	cmd.Flags().BoolVar(&off, "off", false, "take the delegation back")
	list := &cobra.Command{}
	onTwin(list, stack, looks, func(_ *cobra.Command, t *tooled, _ []string) error {
		zones, err := t.Delegations()
		if err != nil {
			return err
		}
		return show(cmd, zones, func(w io.Writer) { writeDelegations(w, zones) })
	})
	one := &cobra.Command{}
	onTwin(one, stack, changes, func(_ *cobra.Command, t *tooled, args []string) error {
		zones, err := t.Delegate(args[0], !off)
		if err != nil {
			return err
		}
		return show(cmd, zones, func(w io.Writer) { writeDelegations(w, zones) })
	})
	asksJSON(cmd).RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return list.RunE(cmd, args)
		}
		return one.RunE(cmd, args)
	}
	return cmd
}

func writeDelegations(w io.Writer, zones []twin.Delegation) {
	var rows [][]string
	for _, z := range zones {
		state := "delegated"
		if !z.Delegated {
			state = "not delegated: " + z.Why
		}
		rows = append(rows, []string{z.Domain, z.Zone, state})
	}
	table(w, "there is no public zone on the twin", []string{"DOMAIN", "ZONE", "STATE"}, rows)
}
