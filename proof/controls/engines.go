package controls

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

const optionsType = "aws:rds/optionGroup:OptionGroup"

var engines = []Control{{
	Number: 238, Severity: report.High, Title: "No option or parameter opens the database, weakens its engine or stops it",
	Types:  []string{parametersType, clusterParamsType, optionsType},
	Note:   "in a stack of this project's, what a parameter does must be known; elsewhere, those that weaken an engine are",
	Remedy: "leave the option or parameter out", each: all(when(ofType(optionsType), elements("options", 0, asksNothing)),
		when(ofType(parametersType, clusterParamsType), (*view).strong)),
}}

func ofType(types ...string) func(*view, *graph.Resource) bool {
	return func(_ *view, r *graph.Resource) bool { return slices.Contains(types, r.Type) }
}

// quietOptions listen on no port, act as no role and hand out no data. AWS, RDS user guide, options of each engine.
var quietOptions = words("MARIADB_AUDIT_PLUGIN NATIVE_NETWORK_ENCRYPTION SSL TDE Timezone LOCATOR OLAP SPATIAL MULTIMEDIA")

// asksNothing demands of an option that it is one of these, with no port, group or role.
func asksNothing(at string) check {
	return func(v *view, r *graph.Resource) outcome {
		name, known := read(r, at+".optionName")
		switch {
		case known == hidden:
			return unknown(r, at+".optionName")
		case !quietOptions[text(name)]:
			return broken("the option %s listens, acts as a role, or does what is not known", text(name))
		}
		settings, _ := blocks(r, at+".optionSettings")
		for i := range settings {
			if value := r.String(fmt.Sprintf("%s.optionSettings[%d].value", at, i)); strings.HasPrefix(value, "arn:") {
				return broken("the option %s is given %s", text(name), value)
			}
		}
		return all(isUnset(at+".port"), isUnset(at+".vpcSecurityGroupMemberships"), isUnset(at+".dbSecurityGroupMemberships"))(v, r)
	}
}

// guarding are the parameters with which an engine guards data and tells what is done to it, and the values, in lower case, at which it
// does. PostgreSQL 17, "Server Configuration"; MySQL 8.4 reference manual, "Server System Variables"; AWS, RDS user guide,
// "Working with parameters" of each engine.
var guarding = values(`1|on|true`, `ssl rds.restrict_password_commands row_security fsync full_page_writes autovacuum
		log_connections log_disconnections log_lock_waits track_counts track_activities
		server_audit_logging innodb_doublewrite foreign_key_checks`,
	`0|off|false`, `default_transaction_read_only lo_compat_privileges ignore_checksum_failure
		zero_damaged_pages allow_system_table_mods transform_null_equals local_infile log_bin_trust_function_creators skip_grant_tables
		skip-grant-tables old_passwords skip_show_database super_read_only offline_mode`,
	`1`, `innodb_flush_log_at_trx_commit sync_binlog`,
	`on|remote_write|remote_apply`, `synchronous_commit`,
	`tlsv1\.[23]`, `ssl_min_protocol_version`, `tlsv1\.3`, `ssl_max_protocol_version`, `tlsv1\.[23](, ?tlsv1\.3)?`, `tls_version`,
	`scram-sha-256`, `password_encryption`, `scram`, `rds.accepted_password_auth_method`,
	`caching_sha2_password|sha256_password`, `default_authentication_plugin`, `(caching_sha2_password)?[*:,]*`, `authentication_policy`,
	`\d{1,2}(\.\d+)?`, `long_query_time`, `file|table|table,file`, `log_output`,
	`(debug\d?|info|notice|warning|error|log)`, `log_min_messages log_min_error_statement`,
	`((ddl|write|read|role|function|misc|all)(, ?)?)+`, `pgaudit.log`,
	`origin`, `session_replication_role`,
	`(pg_stat_statements|pgaudit|auto_explain|rdsutils|pg_hint_plan|,| )*`, `shared_preload_libraries`,
	``, `session_preload_libraries local_preload_libraries init_connect init_file`)

// tuning are parameters by which an engine is quicker or slower, whatever their values, and those of which C130 and C134 speak.
var tuning = words(`rds.force_ssl require_secure_transport log_statement log_min_duration_statement slow_query_log
	random_page_cost seq_page_cost cpu_tuple_cost effective_cache_size effective_io_concurrency default_statistics_target
	log_temp_files log_autovacuum_min_duration log_checkpoints track_io_timing pg_stat_statements.track jit innodb_print_all_deadlocks`)

// values turns pairs of an expression and names into expressions by name.
func values(pairs ...string) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for i := 0; i < len(pairs); i += 2 {
		for name := range words(pairs[i+1]) {
			all[name] = regexp.MustCompile(`^(` + pairs[i] + `)$`)
		}
	}
	return all
}

// strong demands that no parameter takes a guard away.
func (v *view) strong(r *graph.Resource) outcome {
	list, known := blocks(r, "parameters")
	if known == hidden {
		return unknown(r, "parameters")
	}
	if family := r.String("family"); v.ours && strings.Contains(family, "postgres") {
		for _, name := range []string{"log_connections", "log_disconnections", "log_lock_waits"} {
			if settingsOf(r)[name] == "" {
				return broken("%s is not set", name)
			}
		}
	}
	for i := range list {
		at := fmt.Sprintf("parameters[%d].", i)
		name, value := strings.ToLower(r.String(at+"name")), ""
		guard, guards := guarding[name]
		switch given, known := read(r, at+"value"); known {
		case hidden:
			return unknown(r, at+"value")
		case present:
			value = strings.ToLower(text(given))
		}
		switch {
		case guards && !guard.MatchString(value):
			return broken("%s is %q, with which its engine guards less, tells less or serves nobody", name, value)
		case !guards && v.ours && !tuning[name]:
			return broken("what %s = %q does to the engine is not known", name, value)
		}
	}
	return holds()
}
