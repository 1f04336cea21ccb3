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


{% macro resize_statements(settings) %}
    {{ return(adapter.dispatch('resize_statements', 'dbt_opsplugin')(settings)) }}
{% endmacro %}


{% macro default__resize_statements(settings) %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__resize_statements(settings) %}
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
