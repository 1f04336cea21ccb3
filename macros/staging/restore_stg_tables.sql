{% macro restore_stg_tables(backup_set=none, relations=none, dry_run=false, force=false, replace=false) %}
    {% do dbt_opsplugin._validate_arguments(
        'restore_stg_tables', kwargs, ['backup_set', 'relations', 'dry_run', 'force', 'replace']
    ) %}
    {% if not execute or flags.WHICH != 'run-operation' %}
        {% do return('') %}
    {% endif %}
    {% for argument, value in {'dry_run': dry_run, 'force': force, 'replace': replace}.items() %}
        {% do dbt_opsplugin._require_boolean('restore_stg_tables', argument, value) %}
    {% endfor %}
    {% if not dbt_opsplugin._is_production() and not force %}
        {% do dbt_opsplugin._fail(
            'restore_stg_tables', 'target ' ~ target.name ~ ' is not production',
            dbt_opsplugin._production_remedy()
        ) %}
    {% endif %}
    {% set chosen = dbt_opsplugin._chosen_backups(backup_set, relations) %}
    {% do dbt_opsplugin._check_restorable(chosen, replace) %}
    {% set table = [['relation', 'type', 'rows', 'backup']] %}
    {% for backup in chosen %}
        {% set details = backup['details'] %}
        {% do table.append([
            backup['relation'], details['type'],
            '-' if details['rows'] is none else dbt_opsplugin._thousands(details['rows']),
            details['location'] or 'definition',
        ]) %}
    {% endfor %}
    {% do dbt_opsplugin._log('restore_stg_tables', 'backup set ' ~ chosen[0]['details']['set']
        ~ (' (nothing is changed)' if dry_run else '')) %}
    {% do dbt_opsplugin._print_table(table) %}
    {% if not dry_run %}
        {% do dbt_opsplugin._restore(chosen, replace) %}
        {% do dbt_opsplugin._log('restore_stg_tables', 'restored ' ~ chosen | length) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _chosen_backups(backup_set, relations) %}
    {#- The backups of the named or the last set: all, or those of the named relations (by
        alias, schema.alias or unique_id). -#}
    {% set backups = dbt_opsplugin._recorded_backups() %}
    {% set sets = [] %}
    {% for backup in backups if backup['details']['set'] not in sets %}
        {% do sets.append(backup['details']['set']) %}
    {% endfor %}
    {% if not sets %}
        {% do dbt_opsplugin._fail(
            'restore_stg_tables', 'no backup of target ' ~ target.name ~ ' is recorded in '
            ~ dbt_opsplugin.ops_relation('ops_actions'), "drop with backup: parquet or schema first"
        ) %}
    {% endif %}
    {% set wanted = sets[-1] if backup_set is none else backup_set | string %}
    {% if wanted not in sets %}
        {% do dbt_opsplugin._fail(
            'restore_stg_tables', 'there is no backup set ' ~ wanted,
            'did you mean ' ~ dbt_opsplugin._nearest(wanted, sets) ~ '? Recorded: ' ~ sets[-10:] | join(', ')
        ) %}
    {% endif %}
    {% set of_set = [] %}
    {% set names = {} %}
    {% for backup in backups if backup['details']['set'] == wanted %}
        {% set details = backup['details'] %}
        {% do of_set.append(backup) %}
        {% for name in [
            details['identifier'], details['schema'] ~ '.' ~ details['identifier'],
            backup['unique_id']
        ] if name %}
            {% do names.setdefault(name | lower, []).append(backup) %}
        {% endfor %}
    {% endfor %}
    {% if relations is none %}
        {% do return(of_set) %}
    {% endif %}
    {% set chosen = [] %}
    {% for name in ([relations] if relations is string else relations) %}
        {% set found = names.get(name | string | lower, []) %}
        {% if found | length != 1 %}
            {% do dbt_opsplugin._fail(
                'restore_stg_tables', name ~ (' is not' if not found else ' is more than once')
                ~ ' in backup set ' ~ wanted,
                'did you mean ' ~ dbt_opsplugin._nearest(name | string, names | list) ~ '? It holds: '
                ~ names | join(', ')
            ) %}
        {% endif %}
        {% do chosen.append(found[0]) %}
    {% endfor %}
    {% if not chosen %}
        {% do dbt_opsplugin._fail(
            'restore_stg_tables', 'relations is empty', 'name some, or leave it out to restore all'
        ) %}
    {% endif %}
    {% do return(chosen) %}
{% endmacro %}


{% macro _check_restorable(chosen, replace) %}
    {#- Refuses before anything is changed: a relation in the way, a backup that is gone or
        has another number of rows than when it was made. -#}
    {% set places = [] %}
    {% for backup in chosen %}
        {% set details = backup['details'] %}
        {% do places.append({
            'database': details['database'], 'schema': details['schema'],
            'alias': details['identifier'],
        }) %}
    {% endfor %}
    {% set existing = dbt_opsplugin._existing_relations(places) %}
    {% for backup in chosen %}
        {% set details = backup['details'] %}
        {% set key = dbt_opsplugin._relation_key(
            details['database'], details['schema'], details['identifier']
        ) %}
        {% if key in existing and not replace %}
            {% do dbt_opsplugin._fail(
                'restore_stg_tables', backup['relation'] ~ ' exists',
                'pass replace: true to put the backup in its place, or leave it out by relations: [...]'
            ) %}
        {% endif %}
        {% do details.update({'in_the_way': existing.get(key)}) %}
        {% if details['location'] %}
            {% do dbt_opsplugin.check_backup(backup['relation'], details) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro check_backup(relation, details) %}
    {{ return(adapter.dispatch('check_backup', 'dbt_opsplugin')(relation, details)) }}
{% endmacro %}


{% macro default__check_backup(relation, details) %}
    {% set count = dbt_opsplugin.query_rows('select count(*) from '
        ~ dbt_opsplugin.backup_source(details['kind'], details['location']))[0][0] | int %}
    {% if count != details['rows'] %}
        {% do dbt_opsplugin._fail(
            'restore_stg_tables', 'the backup of ' ~ relation ~ ' at ' ~ details['location']
            ~ ' has ' ~ count ~ ' rows, not ' ~ details['rows'],
            'choose another backup_set, or build the model again'
        ) %}
    {% endif %}
{% endmacro %}


{% macro duckdb__check_backup(relation, details) %}
    {% if details['kind'] == 'parquet' and not dbt_opsplugin.query_rows(
        'select count(*) from glob(' ~ dbt_opsplugin.literal(details['location']) ~ ')'
    )[0][0] %}
        {% do dbt_opsplugin._fail(
            'restore_stg_tables', 'the backup of ' ~ relation ~ ' is not at ' ~ details['location'],
            'run from the directory that it was made from, or put the file back'
        ) %}
    {% endif %}
    {% do dbt_opsplugin.default__check_backup(relation, details) %}
{% endmacro %}
