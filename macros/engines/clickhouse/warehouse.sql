{% macro clickhouse__warehouse_state(wanted) %}
    {#- Of the session that asks. -#}
    {%- set settings = {} %}
    {%- for name, value, changed in dbt_opsplugin.query_rows(
        "select name, value, changed from system.settings where name in ('max_memory_usage', 'max_threads')"
    ) %}
        {%- set number = modules.re.match('^[0-9]+$', value | string) %}
        {%- do settings.update({name: value | int if changed and number else 'default'}) %}
    {%- endfor %}
    {%- set state = namespace(matches=true) %}
    {%- for name, value in wanted.items() if settings[name] != value %}
        {%- set state.matches = false %}
    {%- endfor %}
    {%- do return({'settings': settings, 'matches': state.matches}) %}
{%- endmacro %}


{% macro clickhouse__resize_statements(settings, of) %}
    {#- A session is that of a thread of dbt, which builds one model after the other in it: only the Python
        half puts it back after a model that failed, unless each model has a connection. -#}
    {%- if of == 'run' %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', 'on ' ~ target.type ~ ' a size belongs to the session of a model',
            'call it in a pre-hook or in the body of a model'
        ) %}
    {%- elif of == 'model' and target.reuse_connections != false %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', 'the size of a session of ' ~ target.type ~ ' would outlive the model',
            "use dbt-clickhouse's config query_settings, or meta.opsplugin.warehouse_size with the Python package,"
            ~ ' or set reuse_connections: false in the profile'
        ) %}
    {%- endif %}
    {%- set parts = [] %}
    {%- for name, value in settings.items() %}
        {%- if name in (target.custom_settings or {}) %}
            {%- do dbt_opsplugin._fail(
                'set_warehouse_size',
                name ~ ' stands in custom_settings of the profile, which go over those of a session',
                'take it out there, or out of the size'
            ) %}
        {%- endif %}
        {%- do parts.append(name ~ ' = ' ~ value) %}
    {%- endfor %}
    {%- do return(['set ' ~ parts | join(', ')]) %}
{%- endmacro %}


{% macro clickhouse__default_warehouse_sizes() %}
    {%- set sizes = {} %}
    {%- for name, threads in [('X-SMALL', 1), ('SMALL', 2), ('MEDIUM', 4), ('LARGE', 8), ('X-LARGE', 16)] %}
        {%- do sizes.update({name: {'max_threads': threads, 'max_memory_usage': threads * 2000000000}}) %}
    {%- endfor %}
    {%- do return(sizes) %}
{%- endmacro %}


{% macro clickhouse__warehouse_settings() %}
    {%- do return({
        'max_threads': {'what': 'a number of threads', 'least': 1},
        'max_memory_usage': {'what': 'a number of bytes', 'least': 1000000},
    }) %}
{%- endmacro %}
