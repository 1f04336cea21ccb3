{% macro postgres__warehouse_state(wanted) %}
    {#- Of the session that asks. pg_size_bytes makes 1GB and 1024MB one. -#}
    {%- set names = adapter.dispatch('warehouse_settings', 'dbt_opsplugin')() | list %}
    {%- set columns = [] %}
    {%- for name in names %}
        {%- do columns.append("current_setting('" ~ name ~ "')") %}
        {%- set value = dbt_opsplugin.literal(wanted[name] | string) %}
        {%- if name not in wanted %}
            {%- do columns.append('true') %}
        {%- elif name.endswith('_mem') %}
            {%- do columns.append(
                'pg_size_bytes(' ~ columns[-1] ~ ') = pg_size_bytes(' ~ value ~ ')'
            ) %}
        {%- else %}
            {%- do columns.append(columns[-1] ~ ' = ' ~ value) %}
        {%- endif %}
    {%- endfor %}
    {%- set row = dbt_opsplugin.query_rows('select ' ~ columns | join(', '))[0] %}
    {%- set settings = {} %}
    {%- set state = namespace(matches=true) %}
    {%- for name in names %}
        {%- set value = row[loop.index0 * 2] %}
        {%- do settings.update({name: value if name.endswith('_mem') else value | int}) %}
        {%- if not row[loop.index0 * 2 + 1] %}
            {%- set state.matches = false %}
        {%- endif %}
    {%- endfor %}
    {%- do return({'settings': settings, 'matches': state.matches}) %}
{%- endmacro %}


{% macro postgres__resize_statements(settings, of) %}
    {#- A setting is of one session, and each model has one: `set local` holds until the
        transaction of the model ends, also when it fails. -#}
    {%- if of == 'run' %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', 'on ' ~ target.type ~ ' a size belongs to the session of a model',
            'call it in a pre-hook or in the body of a model'
        ) %}
    {%- endif %}
    {%- set statements = [] %}
    {%- for name, value in settings.items() %}
        {%- do statements.append(
            'set ' ~ ('local ' if of == 'model' else '') ~ name ~ ' = ' ~ dbt_opsplugin.literal(value)
        ) %}
    {%- endfor %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro postgres__default_warehouse_sizes() %}
    {%- do return({
        'X-SMALL': {'work_mem': '4MB', 'maintenance_work_mem': '64MB', 'max_parallel_workers_per_gather': 0},
        'SMALL': {'work_mem': '16MB', 'maintenance_work_mem': '128MB', 'max_parallel_workers_per_gather': 1},
        'MEDIUM': {'work_mem': '64MB', 'maintenance_work_mem': '256MB', 'max_parallel_workers_per_gather': 2},
        'LARGE': {'work_mem': '256MB', 'maintenance_work_mem': '1GB', 'max_parallel_workers_per_gather': 4},
        'X-LARGE': {'work_mem': '1GB', 'maintenance_work_mem': '2GB', 'max_parallel_workers_per_gather': 8},
    }) %}
{%- endmacro %}


{% macro postgres__warehouse_settings() %}
    {%- set memory = {
        'what': 'an amount of memory', 'pattern': '^[0-9]+ ?(kB|MB|GB|TB)$', 'example': '64MB',
    } %}
    {%- do return({
        'work_mem': memory, 'maintenance_work_mem': memory,
        'max_parallel_workers_per_gather': {'what': 'a number of workers', 'least': 0},
    }) %}
{%- endmacro %}
