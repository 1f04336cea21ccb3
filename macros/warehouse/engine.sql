{% macro default_warehouse_sizes() %}
    {#- size -> what it means on this engine, a mapping of settings. -#}
    {{ return(adapter.dispatch('default_warehouse_sizes', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__default_warehouse_sizes() %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__default_warehouse_sizes() %}
    {% do return({
        'X-SMALL': {'threads': 1, 'memory_limit': '1GB'},
        'SMALL': {'threads': 2, 'memory_limit': '2GB'},
        'MEDIUM': {'threads': 4, 'memory_limit': '4GB'},
        'LARGE': {'threads': 8, 'memory_limit': '8GB'},
        'X-LARGE': {'threads': 16, 'memory_limit': '16GB'},
    }) %}
{% endmacro %}


{% macro validate_warehouse_settings(size, settings) %}
    {{ return(adapter.dispatch('validate_warehouse_settings', 'dbt_opsplugin')(size, settings)) }}
{% endmacro %}


{% macro default__validate_warehouse_settings(size, settings) %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__validate_warehouse_settings(size, settings) %}
    {% set place = 'opsplugin_warehouse_sizes: ' ~ size %}
    {% if settings is not mapping or not settings %}
        {% do dbt_opsplugin._fail(
            'set_warehouse_size', place ~ ' is ' ~ (settings | string) ~ ', not a mapping of settings',
            'write it as {threads: 4, memory_limit: 4GB}'
        ) %}
    {% endif %}
    {% for name, value in settings.items() %}
        {% if name not in ['threads', 'memory_limit'] %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', name ~ ' in ' ~ place ~ ' is not a setting of a size',
                'did you mean ' ~ dbt_opsplugin._nearest(name | string, ['threads', 'memory_limit']) ~ '?'
            ) %}
        {% elif name == 'threads' and (value is boolean or value is not integer or value < 1) %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', 'threads in ' ~ place ~ ' is ' ~ (value | string)
                ~ ', not a number of threads', 'use 1 or more'
            ) %}
        {% elif name == 'memory_limit' and not modules.re.match('(?i)^[0-9]+(\\.[0-9]+)? ?[MGT]i?B$', value | string) %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', 'memory_limit in ' ~ place ~ ' is ' ~ (value | string)
                ~ ', not an amount of memory', "use a number with a unit, such as 4GB"
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro warehouse_state(wanted) %}
    {#- {settings: what holds now, matches: whether that is what is wanted}. -#}
    {{ return(adapter.dispatch('warehouse_state', 'dbt_opsplugin')(wanted)) }}
{% endmacro %}


{% macro default__warehouse_state(wanted) %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__warehouse_state(wanted) %}
    {#- DuckDB shows memory rounded (4GB is '3.7 GiB'): what is wanted holds when it is what
        is shown, or is shown so. -#}
    {% set settings = {} %}
    {% for name, value in dbt_opsplugin.query_rows(
        "select name, value from duckdb_settings() where name in ('threads', 'memory_limit')"
    ) %}
        {% do settings.update({name: value | int if name == 'threads' else value}) %}
    {% endfor %}
    {% set state = namespace(matches=true) %}
    {% for name, value in wanted.items() if settings[name] != value %}
        {% if name != 'memory_limit' or settings[name] != dbt_opsplugin._duckdb_memory_text(value) %}
            {% set state.matches = false %}
        {% endif %}
    {% endfor %}
    {% do return({'settings': settings, 'matches': state.matches}) %}
{% endmacro %}


{% macro _duckdb_memory_text(value) %}
    {#- The amount as DuckDB shows it: whole bytes, in the largest binary unit, cut to a tenth. -#}
    {% set amount = modules.re.sub('[^0-9.]', '', value) | float %}
    {% set unit = modules.re.sub('[0-9. ]', '', value) | upper %}
    {% set base = 1024 if 'I' in unit else 1000 %}
    {% set bytes = (amount * base ** ['B', 'K', 'M', 'G', 'T'].index(unit[0])) | int %}
    {% for name, size in [('TiB', 1024 ** 4), ('GiB', 1024 ** 3), ('MiB', 1024 ** 2)] if bytes >= size %}
        {% set tenths = bytes % size // (size // 1024) * 10 // 1024 %}
        {% do return(bytes // size ~ '.' ~ tenths ~ ' ' ~ name) %}
    {% endfor %}
    {% do return(bytes // 1024 ~ '.' ~ bytes % 1024 * 10 // 1024 ~ ' KiB') %}
{% endmacro %}


{% macro resize_statements(settings, of) %}
    {#- `of` what: a `run`, the `model` that is being built, or the `session` of one, for the
        Python half, which puts it back. -#}
    {{ return(adapter.dispatch('resize_statements', 'dbt_opsplugin')(settings, of)) }}
{% endmacro %}


{% macro default__resize_statements(settings, of) %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__resize_statements(settings, of) %}
    {% set statements = [] %}
    {% for name, value in settings.items() %}
        {% do statements.append('set global ' ~ name ~ ' = ' ~ dbt_opsplugin.literal(value)) %}
    {% endfor %}
    {% do return(statements) %}
{% endmacro %}


{% macro _no_warehouse() %}
    {% do dbt_opsplugin._fail(
        'set_warehouse_size', 'there is no warehouse size on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}


{% macro postgres__default_warehouse_sizes() %}
    {% do return({
        'X-SMALL': {'work_mem': '4MB', 'maintenance_work_mem': '64MB', 'max_parallel_workers_per_gather': 0},
        'SMALL': {'work_mem': '16MB', 'maintenance_work_mem': '128MB', 'max_parallel_workers_per_gather': 1},
        'MEDIUM': {'work_mem': '64MB', 'maintenance_work_mem': '256MB', 'max_parallel_workers_per_gather': 2},
        'LARGE': {'work_mem': '256MB', 'maintenance_work_mem': '1GB', 'max_parallel_workers_per_gather': 4},
        'X-LARGE': {'work_mem': '1GB', 'maintenance_work_mem': '2GB', 'max_parallel_workers_per_gather': 8},
    }) %}
{% endmacro %}


{% macro postgres__validate_warehouse_settings(size, settings) %}
    {% set place = 'opsplugin_warehouse_sizes: ' ~ size %}
    {% set known = dbt_opsplugin.postgres__default_warehouse_sizes()['SMALL'] | list %}
    {% if settings is not mapping or not settings %}
        {% do dbt_opsplugin._fail(
            'set_warehouse_size', place ~ ' is ' ~ (settings | string) ~ ', not a mapping of settings',
            'write it as {work_mem: 64MB, max_parallel_workers_per_gather: 2}'
        ) %}
    {% endif %}
    {% for name, value in settings.items() %}
        {% if name not in known %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', name ~ ' in ' ~ place ~ ' is not a setting of a size',
                'did you mean ' ~ dbt_opsplugin._nearest(name | string, known) ~ '?'
            ) %}
        {% elif name.endswith('_mem') and not modules.re.match('^[0-9]+ ?(kB|MB|GB|TB)$', value | string) %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', name ~ ' in ' ~ place ~ ' is ' ~ (value | string)
                ~ ', not an amount of memory', 'use a number with a unit, such as 64MB'
            ) %}
        {% elif not name.endswith('_mem') and (value is boolean or value is not integer or value < 0) %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', name ~ ' in ' ~ place ~ ' is ' ~ (value | string)
                ~ ', not a number of workers', 'use 0 or more'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro postgres__warehouse_state(wanted) %}
    {#- Of the session that asks. pg_size_bytes makes 1GB and 1024MB one. -#}
    {% set names = dbt_opsplugin.postgres__default_warehouse_sizes()['SMALL'] | list %}
    {% set columns = [] %}
    {% for name in names %}
        {% do columns.append("current_setting('" ~ name ~ "')") %}
        {% set value = dbt_opsplugin.literal(wanted[name] | string) %}
        {% if name not in wanted %}
            {% do columns.append('true') %}
        {% elif name.endswith('_mem') %}
            {% do columns.append(
                'pg_size_bytes(' ~ columns[-1] ~ ') = pg_size_bytes(' ~ value ~ ')'
            ) %}
        {% else %}
            {% do columns.append(columns[-1] ~ ' = ' ~ value) %}
        {% endif %}
    {% endfor %}
    {% set row = dbt_opsplugin.query_rows('select ' ~ columns | join(', '))[0] %}
    {% set settings = {} %}
    {% set state = namespace(matches=true) %}
    {% for name in names %}
        {% set value = row[loop.index0 * 2] %}
        {% do settings.update({name: value if name.endswith('_mem') else value | int}) %}
        {% if not row[loop.index0 * 2 + 1] %}
            {% set state.matches = false %}
        {% endif %}
    {% endfor %}
    {% do return({'settings': settings, 'matches': state.matches}) %}
{% endmacro %}


{% macro postgres__resize_statements(settings, of) %}
    {#- A setting is of one session, and each model has one: `set local` holds until the
        transaction of the model ends, also when it fails. -#}
    {% if of == 'run' %}
        {% do dbt_opsplugin._fail(
            'set_warehouse_size', 'on ' ~ target.type ~ ' a size belongs to the session of a model',
            'call it in a pre-hook or in the body of a model'
        ) %}
    {% endif %}
    {% set statements = [] %}
    {% for name, value in settings.items() %}
        {% do statements.append(
            'set ' ~ ('local ' if of == 'model' else '') ~ name ~ ' = ' ~ dbt_opsplugin.literal(value)
        ) %}
    {% endfor %}
    {% do return(statements) %}
{% endmacro %}


{% macro redshift__default_warehouse_sizes() %}
    {#- Descended from Postgres, without these settings. -#}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}
