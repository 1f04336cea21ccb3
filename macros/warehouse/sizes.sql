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


{% macro postgres__default_warehouse_sizes() %}
    {% do return({
        'X-SMALL': {'work_mem': '4MB', 'maintenance_work_mem': '64MB', 'max_parallel_workers_per_gather': 0},
        'SMALL': {'work_mem': '16MB', 'maintenance_work_mem': '128MB', 'max_parallel_workers_per_gather': 1},
        'MEDIUM': {'work_mem': '64MB', 'maintenance_work_mem': '256MB', 'max_parallel_workers_per_gather': 2},
        'LARGE': {'work_mem': '256MB', 'maintenance_work_mem': '1GB', 'max_parallel_workers_per_gather': 4},
        'X-LARGE': {'work_mem': '1GB', 'maintenance_work_mem': '2GB', 'max_parallel_workers_per_gather': 8},
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


{% macro _no_warehouse() %}
    {% do dbt_opsplugin._fail(
        'set_warehouse_size', 'there is no warehouse size on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}
