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


{% macro postgres__warehouse_state(wanted) %}
    {#- Of the session that asks. pg_size_bytes makes 1GB and 1024MB one. -#}
    {% set names = dbt_opsplugin.warehouse_settings() | list %}
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
