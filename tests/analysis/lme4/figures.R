# Figures of lme4, ordinal and emmeans that the tests compare with:
#   python tests/analysis/mixed_data.py > trials.csv
#   Rscript tests/analysis/lme4/figures.R trials.csv > tests/analysis/lme4/figures.json
# Debian's r-cran-lme4 1.1.31, r-cran-ordinal 2022.11.16, r-cran-emmeans, r-cran-jsonlite; R 4.2.2.
suppressPackageStartupMessages({library(lme4); library(ordinal); library(emmeans); library(jsonlite)})
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
d$condition <- relevel(d$condition, "alone")
d$expertise <- relevel(d$expertise, "novice")
d$rating <- factor(d$rating, ordered = TRUE)
d$advised <- as.numeric(d$condition == "advised")
d$explained <- as.numeric(d$condition == "explained")
tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5), tolPwrss = 1e-13)
precise <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5, rhoend = 1e-9))

lme4_figures <- function(m) {
  s <- as.data.frame(VarCorr(m))
  list(term = names(fixef(m)), estimate = unname(fixef(m)), se = unname(sqrt(diag(as.matrix(vcov(m))))),
       group = s$grp, effect = ifelse(is.na(s$var1), "", s$var1), sd = s$sdcor,
       log_likelihood = as.numeric(logLik(m)))
}
cells <- function(m, specs) {
  e <- emmeans(m, specs, lmer.df = "asymptotic", cov.reduce = mean)
  p <- as.data.frame(pairs(e, adjust = "holm"))
  s <- as.data.frame(e)
  list(level = do.call(paste, c(lapply(s[specs], as.character), sep = ":")), mean = s$emmean, mean_se = s$SE,
       pair = as.character(p$contrast), estimate = p$estimate, se = p$SE, p_holm = p$p.value)
}
found <- list()
m <- lmer(score ~ condition * expertise + (1|operator) + (1|item), d, control = precise)
found$gaussian_crossed <- c(lme4_figures(m), list(cells = cells(m, c("condition", "expertise"))))
m <- lmer(score ~ condition + x + (1 + x || operator) + (1|item), d, control = precise)
found$gaussian_slopes <- lme4_figures(m)
m <- lmer(score ~ condition + age + (1|operator/session), d, control = precise)
found$gaussian_nested <- lme4_figures(m)
m <- lmer(score ~ x + (1|operator) + (0 + advised|operator) + (0 + explained|operator) + condition, d, control = precise)
found$gaussian_levels <- lme4_figures(m)
m <- lmer(log(seconds) ~ condition + x + (1|operator) + (1|item), d, control = precise)
found$lognormal <- c(lme4_figures(m), list(cells = cells(m, "condition")))
m <- glmer(correct ~ condition * expertise + x + (1 + x || operator) + (1|operator:session) + (1|item), d,
           family = binomial, control = tight)
found$binomial <- c(lme4_figures(m), list(cells = cells(m, c("condition", "expertise"))))
m <- glmer(count ~ condition * x + (1|operator) + (1|item), d, family = poisson, control = tight)
chi <- sum(residuals(m, type = "pearson")^2) / df.residual(m)
found$poisson <- c(lme4_figures(m), list(dispersion = chi))
m <- glmer(opened ~ condition + (1|operator) + (1|item), d, family = poisson, control = tight)
found$poisson_over <- c(lme4_figures(m), list(dispersion = sum(residuals(m, type = "pearson")^2) / df.residual(m)))
m <- glmer(opened ~ condition + (1|operator) + (1|number), d, family = poisson, control = tight)
found$poisson_trials <- lme4_figures(m)
m <- clmm(rating ~ condition + x + (1|operator) + (1|item), data = d, control = clmm.control(gradTol = 1e-8))
e <- as.data.frame(emmeans(m, "condition", mode = "mean.class"))
p <- as.data.frame(emmeans(m, ~ rating | condition, mode = "prob"))
found$ordinal <- list(
  term = names(m$beta), estimate = unname(m$beta), se = unname(sqrt(diag(vcov(m)))[names(m$beta)]),
  thresholds = unname(m$alpha), thresholds_se = unname(sqrt(diag(vcov(m)))[names(m$alpha)]),
  group = names(m$ST), effect = rep("(Intercept)", 2), sd = unname(sapply(VarCorr(m), function(v) sqrt(v[1]))),
  log_likelihood = as.numeric(logLik(m)),
  level = as.character(e$condition), mean_category = e$mean.class, mean_se = e$SE,
  at = paste(p$condition, p$rating), probability = p$prob)
bic <- function(whole, reduced) list(bic = c(BIC(whole), BIC(reduced)), log_likelihood = c(logLik(whole), logLik(reduced)))
found$bic_gaussian <- bic(
  lmer(score ~ condition * expertise + (1|operator) + (1|item), d, REML = FALSE, control = precise),
  lmer(score ~ condition + expertise + (1|operator) + (1|item), d, REML = FALSE, control = precise))
found$bic_binomial <- bic(
  glmer(correct ~ condition + x + (1|operator) + (1|item), d, family = binomial, control = tight),
  glmer(correct ~ condition + (1|operator) + (1|item), d, family = binomial, control = tight))
cat(toJSON(found, digits = 10, auto_unbox = FALSE, pretty = TRUE))
