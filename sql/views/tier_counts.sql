-- How many customers are in which tier, by model and day.
SELECT
    model,
    scored_on,
    engagement_tier,
    churn_risk_tier,
    count(*) AS customers,
    avg(churn_probability) AS mean_churn_probability
FROM predictions
GROUP BY model, scored_on, engagement_tier, churn_risk_tier
