def test_x(project):
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    out = project.operation("drop_stg_tables")
    assert out.plan()["main.stg_a"][0] == "drop"
    assert project.relations() == ["fct"]
    print(len(out.statements))
