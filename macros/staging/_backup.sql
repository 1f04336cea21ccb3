{% macro _backup_options(macro, backup, backup_path, backup_set) %}
    {#- {kind, path, schema, set}: the arguments over the vars, checked. -#}
    {%- set kind = dbt_opsplugin._config('backup') if backup is none else backup %}
    {%- set kinds = ['parquet', 'schema', 'undrop', 'none'] %}
    {%- if kind is not none and kind not in kinds %}
        {%- do dbt_opsplugin._fail(
            macro, 'backup is ' ~ kind ~ ', not one of ' ~ kinds | join(', '),
            'did you mean ' ~ dbt_opsplugin._nearest(kind | string, kinds) ~ '?'
        ) %}
    {%- endif %}
    {%- set possible = dbt_opsplugin.engine_facts()['backups'] + ['none'] %}
    {%- if kind is not none and kind not in possible %}
        {%- do dbt_opsplugin._fail(
            macro, 'backup: ' ~ kind ~ ' does not exist on ' ~ target.type,
            'use backup: ' ~ possible | join(' or backup: ')
        ) %}
    {%- endif %}
    {%- if backup_path is not none and (backup_path is not string or backup_path | trim == '') %}
        {%- do dbt_opsplugin._fail(
            macro, 'backup_path is ' ~ (backup_path | tojson) ~ ', not the name of a folder',
            'pass one, or leave it out for ' ~ dbt_opsplugin._config('backup_path')
        ) %}
    {%- endif %}
    {%- set name = backup_set if backup_set is not none else (
        run_started_at.strftime('%Y%m%dT%H%M%SZ') ~ '_' ~ invocation_id[:8]
    ) %}
    {%- if name is string and name | length > 50 %}
        {%- do dbt_opsplugin._fail(
            macro, 'backup_set is ' ~ name ~ ', of ' ~ name | length ~ ' characters', 'use 50 at most'
        ) %}
    {%- endif %}
    {%- if name is not string or name == '' or name.startswith('.')
        or modules.re.sub('[A-Za-z0-9_.-]', '', name) != '' %}
        {%- do dbt_opsplugin._fail(
            macro, 'backup_set is ' ~ (name | string) ~ ', which cannot name a folder',
            'use letters, digits, -, _ and .' if name is string else 'put it in quotes: it is no text'
        ) %}
    {%- endif %}
    {%- do return({
        'macro': macro, 'kind': none if kind == 'none' else kind,
        'path': backup_path or dbt_opsplugin._config('backup_path'),
        'schema': dbt_opsplugin._config('backup_schema'),
        'set': name,
    }) %}
{%- endmacro %}


{% macro _can_come_back(relation) %}
    {#- A table is copied; of what reads others, the text is kept, where the engine shows one. -#}
    {%- do return(relation['type'] == 'table' or (
        relation['definition'] and relation['type'] in ('view', 'materialized view', 'dynamic table')
    )) %}
{%- endmacro %}


{% macro _check_backup_plan(rows, options) %}
    {#- What can be known of the backups before the first of them. Copies have the name of their set
        without dots, and where a name has no case of its own, in one case. -#}
    {%- set name = options['set'].replace('.', '_') | lower %}
    {%- for backup in dbt_opsplugin._recorded_backups()
        if backup['details']['set'].replace('.', '_') | lower == name %}
        {%- do dbt_opsplugin._fail(
            options['macro'], 'backup set ' ~ backup['details']['set'] ~ ' exists',
            'nothing was dropped; pass another backup_set, or none to have it named'
        ) %}
    {%- endfor %}
    {%- set longest = dbt_opsplugin.engine_facts()['max_text_length'] %}
    {%- for row in rows if longest and tojson(row['definition']) | length > longest %}
        {%- do dbt_opsplugin._fail(
            options['macro'], 'the text of ' ~ dbt_opsplugin._render(row) ~ ' is too long to be kept',
            'nothing was dropped; leave it out by meta.opsplugin.staging: false, or drop without a backup'
        ) %}
    {%- endfor %}
{%- endmacro %}


{% macro _back_up(rows, options) %}
    {#- Copies every table and verifies its row count, or makes sure that the engine will keep it; a view
        is kept by its definition. One audit row each. Raises before anything is dropped. -#}
    {%- do dbt_opsplugin._check_backup_plan(rows, options) %}
    {%- set copies = [] %}
    {%- set actions = [] %}
    {%- for database in rows | map(attribute='database') | unique %}
        {%- set of_it = rows | selectattr('database', 'equalto', database) %}
        {%- set schemas = of_it | map(attribute='schema') | unique | list %}
        {%- do adapter.dispatch('prepare_backups', 'dbt_opsplugin')(dict(options, schemas=schemas), database) %}
    {%- endfor %}
    {%- if options['kind'] != 'undrop' and rows | selectattr('type', 'equalto', 'table') | list %}
        {#- Before the first copy: what a failure leaves behind is then in the log. -#}
        {%- do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
            'backup', 'started', reason='the copies are named by the set', details={
                'set': options['set'], 'kind': options['kind'],
                'location': options['schema'] if options['kind'] == 'schema' else options['path'],
            }
        )]) %}
    {%- endif %}
    {%- for row in rows %}
        {%- set details = {
            'set': options['set'], 'kind': options['kind'], 'type': row['type'],
            'rows': row['rows'], 'definition': row['definition'], 'database': row['database'],
            'schema': row['schema'], 'identifier': row['identifier'], 'location': none,
            'columns': [], 'until': none, 'number': loop.index,
        } %}
        {%- if row['type'] == 'table' %}
            {%- do details.update(adapter.dispatch('backup_table', 'dbt_opsplugin')(row, options, loop.index)) %}
            {%- if options['kind'] != 'undrop' %}
                {%- do copies.append([row, details]) %}
            {%- else %}
                {#- The drop follows at once: a later one is another, by hand, of what may have changed. -#}
                {%- do details.update({'dropped_by': (
                    modules.datetime.datetime.now(modules.pytz.utc) + modules.datetime.timedelta(minutes=60)
                ).strftime('%Y-%m-%d %H:%M:%S')}) %}
            {%- endif %}
        {%- endif %}
        {%- do actions.append(dbt_opsplugin._action_row(
            'backup', 'success', relation=dbt_opsplugin._render(row),
            unique_id=row['unique_id'], reason='before ' ~ options['macro'] ~ ' drops it', details=details
        )) %}
    {%- endfor %}
    {%- set ends = actions | map(attribute='details') | map(attribute='until') | select | list %}
    {%- for action in actions if ends and not action['details']['until'] %}
        {#- A view, which may read a table that will be gone. -#}
        {%- do action['details'].update({'until': ends | min}) %}
    {%- endfor %}
    {%- for row, details in copies %}
        {%- set count = '(select ' ~ dbt_opsplugin.engine_facts()['row_count'] ~ ' from ' %}
        {%- set counts = dbt_opsplugin.query_rows(
            'select ' ~ count ~ dbt_opsplugin._render(row) ~ '), ' ~ count
            ~ dbt_opsplugin.backup_source(options['kind'], details['location']) ~ ')'
        )[0] %}
        {%- set shed = counts[0] < counts[1] and adapter.dispatch('sheds_rows', 'dbt_opsplugin')(row) %}
        {%- if counts[0] != counts[1] and not shed %}
            {%- do dbt_opsplugin._fail(
                options['macro'],
                'the backup of ' ~ dbt_opsplugin._render(row) ~ ' at ' ~ details['location'] ~ ' has '
                ~ counts[1] ~ ' rows, the relation ' ~ counts[0],
                'nothing was dropped; see that nothing writes to it and run again'
            ) %}
        {%- endif %}
        {%- do details.update({'rows': counts[1] | int}) %}
    {%- endfor %}
    {%- do dbt_opsplugin._write_rows('ops_actions', actions) %}
{%- endmacro %}


{% macro default__prepare_backups(options, database) %}
    {%- if options['kind'] == 'schema'
        and adapter.dispatch('asks_for_schema', 'dbt_opsplugin')(database, options['schema']) %}
        {%- do dbt_opsplugin.run_statement(dbt_opsplugin._create_schema_sql(
            dbt_opsplugin._relation_of_ours(database, options['schema'], 'x')
        )) %}
    {%- endif %}
{%- endmacro %}


{% macro default__asks_for_schema(database, schema) %}
    {%- do return(true) %}
{%- endmacro %}
